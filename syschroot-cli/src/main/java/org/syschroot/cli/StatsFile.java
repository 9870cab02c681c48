// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/** A file of JSON that is replaced as a whole, so that a reader never sees half of it. */
final class StatsFile {
  private final Path path;
  private final Path next;

  /**
   * Creates the file's place.
   *
   * @throws IOException if it cannot be written there
   */
  StatsFile(Path path) throws IOException {
    this.path = path;
    if (Files.isDirectory(path) || !Files.isWritable(path.getParent())) {
      throw new IOException(
          "--stats " + path + ": cannot be written: name a file in a directory that exists");
    }
    this.next = path.resolveSibling(path.getFileName() + ".new");
  }

  Path path() {
    return path;
  }

  void write(JsonElement json) throws IOException {
    Files.write(next, Json.text(json).getBytes(StandardCharsets.UTF_8));
    Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-r--r--"));
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
