// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;

/** Changes of files that are on the disk when the method returns. */
final class DurableFiles {
  private DurableFiles() {}

  /** Writes a file as a whole, whatever the umask: nobody ever sees a part of it. */
  static void write(Path file, String text) throws IOException {
    Path fresh = Files.createTempFile(file.getParent(), ".", ".new");
    try {
      Files.writeString(fresh, text);
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-r--r--"));
      force(fresh);
      rename(fresh, file);
    } finally {
      Files.deleteIfExists(fresh);
    }
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
    Path target = directoryOf(to);
    force(target);
    if (!target.equals(directoryOf(from))) {
      force(directoryOf(from));
    }
  }

  private static Path directoryOf(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent());
  }

  /** Waits until a file's content, or a directory's entries, are on the disk. */
  static void force(Path path) throws IOException {
    // Open for reading is enough for fsync(2), and all that a directory allows.
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
