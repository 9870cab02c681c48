// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import java.io.IOException;
import java.nio.file.Path;
import org.syschroot.cli.frame.ByteStrings;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Options;
import org.syschroot.cli.frame.OwnProcess;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.Image;
import org.syschroot.images.PackedImage;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code syschroot pack}: makes one file of an image. */
public final class PackCommand extends Subcommand {
  private final PositionalParamSpec name =
      Options.parameter("IMAGE", "The name or alias of the image.");
  private final PositionalParamSpec file =
      PositionalParamSpec.builder()
          .index("1")
          .required(true)
          .type(String.class)
          .paramLabel("FILE")
          .description("The file to create: erofs if its name ends in .erofs, else squashfs.")
          .build();

  public PackCommand(Console console, Kernel kernel) {
    super("pack", "Pack an image into one file", console, kernel);
    details("The file contains a read-only filesystem. Prints its digest.");
    spec().addPositional(name);
    spec().addPositional(file);
  }

  @Override
  protected int run() throws IOException {
    Image image = site().image(ByteStrings.readable(Options.required(name)));
    site().access().requireTree(image);
    Path target =
        Path.of(ByteStrings.readable(Options.required(file))).toAbsolutePath().normalize();
    try {
      Interruption.during(() -> pack(image, target), site().kernel(), console);
      return ExitStatus.OK;
    } finally {
      console.endProgress();
    }
  }

  private void pack(Image image, Path target) throws IOException {
    String path = OwnProcess.variables(site().kernel()).getOrDefault("PATH", "");
    Path tree = Path.of(image.root().toString());
    String digest = PackedImage.searching(path).pack(tree, checked(image), target, this::progress);
    console.endProgress();
    console.line(target + " " + digest);
  }

  private FileStatus checked(Image image) throws IOException {
    Kernel kernel = site().kernel();
    int tree = image.trust(kernel, site().effectiveUid()).open(image.root());
    try {
      return kernel.fstat(tree);
    } finally {
      kernel.close(tree);
    }
  }

  private void progress(String line) {
    if (console.isVerbose()) {
      console.detail(line);
    } else {
      console.progress("packing: " + line);
    }
  }
}
