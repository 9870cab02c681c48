// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.path.HostPath;
import org.syschroot.trust.WholeFile;

/** Changes of files that are on the disk when the method returns. */
final class DurableFiles {
  private static final int MODE = 0644;

  private DurableFiles() {}

  /** Writes a file as a whole: nobody ever sees a part of it. */
  static void write(Path file, String text) throws IOException {
    int user = LinuxProcessCalls.running().effectiveUid();
    WholeFile.at(LinuxKernel.running(), user, HostPath.of(file))
        .replace(text.getBytes(StandardCharsets.UTF_8), MODE);
  }

  /** Makes a directory that only this user can write to, whatever the umask. */
  static void makeDirectory(Path directory) throws IOException {
    Files.createDirectory(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
  }

  /** Renames a file or directory, at once for everybody who looks. */
  static void rename(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    force(to.getParent());
    if (!to.getParent().equals(from.getParent())) {
      force(from.getParent());
    }
  }

  /** Waits until a file's content, or a directory's entries, are on the disk. */
  static void force(Path path) throws IOException {
    // Open for reading is enough for fsync(2), and all that a directory allows.
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
