// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.Subcommand;
import org.syschroot.image.ImageName;
import org.syschroot.images.HostImage;
import org.syschroot.images.ImageFile;
import org.syschroot.images.NewImage;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.mounts.tree.TreeRemoval;
import org.syschroot.path.HostPath;

/** {@code syschroot demo}: shows on a small image what a switch changes and what it preserves. */
public final class DemoCommand extends Subcommand {
  private static final ImageName NAME = new ImageName("demo");
  private static final List<String> PROGRAMS =
      List.of("sh", "cat", "id", "uname", "grep", "stat", "tail");
  private static final String OS_RELEASE =
      "ID=demo\nNAME=\"Demonstration image\"\nPRETTY_NAME=\"A small image of syschroot demo\"\n";

  public DemoCommand(Console console, Kernel kernel) {
    super("demo", "Show what an image changes and what it preserves", console, kernel);
    details(
        "Creates a temporary image from programs of the host, runs a command in it, and removes"
            + " it.");
  }

  @Override
  protected int run() throws IOException {
    Path directory =
        Files.createTempDirectory(
            "syschroot-demo",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    TreeRemoval removal = TreeRemoval.of(LinuxKernel.running(), HostPath.of(directory));
    try {
      NewImage image =
          NewImage.of(NAME, directory.resolve("root"), directory)
              .withDescription("Programs of the host")
              .withPersonality(List.of("linux32"));
      HostImage.searching(System.getenv("PATH")).create(image.root(), PROGRAMS, file -> {});
      replaceOsRelease(image.root());
      ImageFile.write(image);
      console.print(
          "Created an image of "
              + PROGRAMS.size()
              + " programs in "
              + image.root()
              + ", with its own os-release.\n"
              + "The test program runs: syschroot run "
              + NAME
              + " -- sh -c ...\n\n");
      return compare(directory);
    } finally {
      removal.removeAll();
    }
  }

  private static void replaceOsRelease(Path root) throws IOException {
    Path file = root.resolve("etc/os-release");
    Files.deleteIfExists(file);
    Files.writeString(file, OS_RELEASE);
  }

  private int compare(Path directory) throws IOException {
    DemoComparison comparison = new DemoComparison(directory, NAME);
    Map<String, String> outside = comparison.outside();
    Map<String, String> inside = comparison.inside();
    boolean asPromised = true;
    console.print(String.format("%-22s %-34s %s%n", "", "host", "image"));
    for (DemoComparison.Fact fact : DemoComparison.FACTS) {
      String before = outside.getOrDefault(fact.name(), "?");
      String after = inside.getOrDefault(fact.name(), "?");
      boolean right = fact.changes() != before.equals(after) && !after.equals("?");
      asPromised &= right;
      console.line(
          String.format(
              "%-22s %-34s %-34s %s", fact.name(), before, after, verdict(fact.changes(), right)));
    }
    int status = comparison.exitStatus();
    asPromised &= status == DemoComparison.STATUS;
    console.print(
        "\nThe command exited with "
            + DemoComparison.STATUS
            + ", and the test program received "
            + status
            + ".\n"
            + (asPromised
                ? "Everything is as documented.\n"
                : "Something is not as documented.\n"));
    return asPromised ? ExitStatus.OK : ExitStatus.NO;
  }

  private static String verdict(boolean changes, boolean right) {
    if (!right) {
      return "WRONG";
    }
    return changes ? "changed" : "preserved";
  }
}
