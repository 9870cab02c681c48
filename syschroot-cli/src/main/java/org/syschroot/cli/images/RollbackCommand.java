// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import java.io.IOException;
import java.util.Comparator;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.images.version.Version;
import org.syschroot.images.version.VersionStore;
import org.syschroot.kernel.Kernel;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot rollback}: makes an earlier version of an image the current one again. */
public final class RollbackCommand extends Subcommand {
  private final PositionalParamSpec name =
      Options.parameter("IMAGE", "The name or alias of the image.");
  private final OptionSpec number =
      Options.value(
          "--to", "VERSION", "The version to use (default: the one before the current one).");

  public RollbackCommand(Console console, Kernel kernel) {
    super("rollback", "Return to an earlier version of an image", console, kernel);
    details("Commands that run keep their version. The versions are shown by: list --versions");
    spec().addPositional(name).addOption(number);
  }

  @Override
  protected int run() throws IOException {
    Site site = site();
    Image image = site.image(ByteStrings.readable(Options.required(name)));
    site.checkRoot(image);
    if (VersionStore.list(site.kernel(), image.root(), site.effectiveUid()).isEmpty()) {
      throw new IOException(image.name() + " has no versions: \"syschroot update\" makes them");
    }
    try (VersionStore store = VersionStore.open(site.kernel(), image.root(), site.effectiveUid())) {
      store.removeHalfMade();
      Version chosen = chosen(image, store);
      VersionSwitch change = new VersionSwitch(console, site, image, store);
      change.renewLaunchers();
      change.to(chosen);
      console.line(
          ("image " + image.name() + ": version " + chosen.number() + " " + chosen.digest())
              .stripTrailing());
      return ExitStatus.OK;
    }
  }

  private Version chosen(Image image, VersionStore store) throws IOException {
    Version current = store.current();
    String text = Options.text(number);
    if (text == null) {
      return store.versions().stream()
          .filter(version -> version.number() < current.number())
          .max(Comparator.comparingInt(Version::number))
          .orElseThrow(
              () ->
                  new IOException(
                      image.name()
                          + ": there is no version before "
                          + current.number()
                          + ": choose one by --to VERSION"));
    }
    Version wanted =
        store.versions().stream()
            .filter(version -> Integer.toString(version.number()).equals(text))
            .findFirst()
            .orElseThrow(
                () ->
                    new IOException(
                        image.name()
                            + " has no version "
                            + ByteStrings.readable(text)
                            + ": see \"syschroot list --versions\""));
    if (wanted.equals(current)) {
      throw new IOException(
          image.name() + ": version " + wanted.number() + " is the current one already");
    }
    return wanted;
  }
}
