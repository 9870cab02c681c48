// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;

/**
 * A small image made of the native system's static {@code busybox}: programs in {@code /bin}, a
 * file {@code /image} with its name, and empty directories to mount on.
 */
public final class BusyboxImage {
  private static final Path BUSYBOX = Path.of("/bin/busybox");
  private static final List<String> PROGRAMS =
      List.of("sh", "cat", "echo", "env", "false", "grep", "id", "ls", "pwd", "sleep", "true");
  private static final List<String> DIRECTORIES =
      List.of("bin", "dev", "home", "mnt", "proc", "tmp");

  private BusyboxImage() {}

  /** Returns whether this system can make such images. */
  public static boolean isAvailable() {
    return Files.isExecutable(BUSYBOX);
  }

  /**
   * Makes the tree of an image.
   *
   * @param parent an empty or missing directory of root's, which nobody else may write to
   */
  public static Path tree(Path parent, String name) {
    try {
      Path root = parent.resolve(name);
      for (String directory : DIRECTORIES) {
        Files.createDirectories(root.resolve(directory));
      }
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.setPosixFilePermissions(parent, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.copy(BUSYBOX, root.resolve("bin/busybox"));
      for (String program : PROGRAMS) {
        Files.createSymbolicLink(root.resolve("bin").resolve(program), Path.of("busybox"));
      }
      Files.writeString(root.resolve("image"), name + "\n");
      return root;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the settings of an image without mounts; a shell may start in {@code /}. */
  public static Image.Builder settings(Path root) {
    return Image.builder(new ImageName(root.getFileName().toString()), HostPath.of(root.toString()))
        .directoryPolicy(DirectoryPolicy.ROOT)
        .mounts(MountPlan.empty());
  }
}
