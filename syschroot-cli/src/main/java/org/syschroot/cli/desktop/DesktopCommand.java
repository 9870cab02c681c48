// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.desktop;

import java.io.IOException;
import java.nio.file.Path;
import org.syschroot.caller.CurrentProcess;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot desktop}: a terminal of an image among the applications of a desktop. */
public final class DesktopCommand extends Subcommand {
  private final OptionSpec install =
      Options.flag(
          "Install the entry and its icon: for all users if run by root, else for the caller.",
          "--install");
  private final OptionSpec remove = Options.flag("Remove the entry and its icon.", "--remove");
  private final PositionalParamSpec name =
      Options.parameter("IMAGE", "The name or alias of the image.");

  public DesktopCommand(Console console, Kernel kernel) {
    super("desktop", "Add a terminal of an image to the desktop", console, kernel);
    details("Without an option, prints the desktop entry.");
    spec().addOption(install).addOption(remove).addPositional(name);
  }

  @Override
  protected int run() throws IOException {
    if (Options.isSet(install) && Options.isSet(remove)) {
      throw wrongUsage("--install and --remove exclude each other");
    }
    Site site = site();
    Image image = site.image(ByteStrings.readable(Options.required(name)));
    DesktopFiles files =
        new DesktopFiles(
            site.kernel(),
            site.effectiveUid(),
            DesktopFiles.dataDirectory(
                site.effectiveUid(), CurrentProcess.of(site.kernel()).asStarted()),
            image.name());
    if (Options.isSet(remove)) {
      for (Path removed : files.remove()) {
        console.line("removed " + removed);
      }
      return ExitStatus.OK;
    }
    DesktopEntry entry = DesktopEntry.of(image, files.icon());
    if (!Options.isSet(install)) {
      console.print(entry.text());
      return ExitStatus.OK;
    }
    for (Path written : files.write(entry.text(), DesktopIcon.svg(image.name()))) {
      console.line(written);
    }
    return ExitStatus.OK;
  }
}
