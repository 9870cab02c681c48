// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.uname;

import java.io.IOException;
import java.util.List;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.Site;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.ImagePath;
import org.syschroot.personality.wrapper.UnameWrapper;
import org.syschroot.personality.wrapper.WrapperState;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot uname-wrapper}: the replacement of an image's uname. */
public final class UnameWrapperCommand extends Subcommand {
  private final OptionSpec install =
      Options.flag("Replace uname and arch of the image by the wrapper.", "--install");
  private final OptionSpec remove = Options.flag("Restore the originals.", "--remove");
  private final OptionSpec status =
      Options.flag("Show the state; exit with status 0 if the wrapper is installed.", "--status");
  private final PositionalParamSpec name =
      Options.parameter("IMAGE", "The name or alias of the image.");

  public UnameWrapperCommand(Console console, Kernel kernel) {
    super("uname-wrapper", "Manage the uname(1) wrapper of an image", console, kernel);
    details(
        "The wrapper reports a 32-bit machine where the personality of a 32-bit image is not set."
            + " Without an option, prints the wrapper.");
    spec().addOption(install).addOption(remove).addOption(status).addPositional(name);
  }

  @Override
  protected int run() throws IOException {
    long chosen = List.of(install, remove, status).stream().filter(Options::isSet).count();
    if (chosen > 1) {
      throw wrongUsage("--install, --remove and --status exclude each other");
    }
    Site site = site();
    Image image = site.image(ByteStrings.readable(Options.required(name)));
    site.checkRoot(image);
    try (UnameWrapper wrapper = UnameWrapper.open(site.kernel(), image, site.effectiveUid())) {
      if (Options.isSet(install)) {
        print(image, wrapper.install(), "replaced; the original has the suffix .bin");
        return tell(image, wrapper);
      }
      if (Options.isSet(remove)) {
        print(image, wrapper.remove(), "restored");
        return ExitStatus.OK;
      }
      if (Options.isSet(status)) {
        return tell(image, wrapper);
      }
      console.print(wrapper.script());
      return ExitStatus.OK;
    }
  }

  private void print(Image image, List<ImagePath> programs, String what) {
    for (ImagePath program : programs) {
      console.line(program.under(image.root()) + ": " + what);
    }
  }

  private int tell(Image image, UnameWrapper wrapper) throws IOException {
    boolean installed = true;
    for (UnameWrapper.Status each : wrapper.status()) {
      installed &= each.state() == WrapperState.INSTALLED;
      console.line(
          each.program().under(image.root())
              + ": "
              + each.state()
              + (each.diverted() ? ", diverted in dpkg's database" : ""));
    }
    return installed ? ExitStatus.OK : ExitStatus.NO;
  }
}
