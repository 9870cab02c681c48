// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.syschroot.image.Image;
import org.syschroot.image.Origin;
import org.syschroot.kernel.Kernel;
import org.syschroot.mounts.ImageRemoval;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot remove}: deletes an image's tree, and puts its settings aside. */
final class RemoveCommand extends Subcommand {
  private final PositionalParamSpec name =
      Options.parameter("IMAGE", "The name of the image; an alias is not enough.");

  RemoveCommand(Console console, Kernel kernel) {
    super(
        "remove",
        "Deletes an image's tree, unless something is mounted beneath it in any mount namespace, and"
            + " renames its configuration file to NAME.toml.removed.",
        console,
        kernel);
    spec().addPositional(name);
  }

  @Override
  int run() throws IOException {
    Site site = site();
    String wanted = ByteStrings.readable(Options.required(name));
    Image image = site.image(wanted);
    if (!image.name().value().equals(wanted)) {
      throw new IOException(
          wanted + " is an alias of " + image.name() + ": to remove an image, give its name");
    }
    site.checkRoot(image);
    console.notice("removing " + image.root());
    ImageRemoval.remove(site.kernel(), image.root(), site.effectiveUid());
    Origin origin = image.origins().get("root");
    Path settings = Path.of(origin.file());
    Path aside = settings.resolveSibling(settings.getFileName() + ".removed");
    Files.move(settings, aside, StandardCopyOption.REPLACE_EXISTING);
    console.print("removed " + image.root() + "; its settings are now " + aside + "\n");
    return ExitStatus.OK;
  }
}
