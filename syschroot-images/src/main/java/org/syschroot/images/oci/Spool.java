// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.syschroot.images.tree.SourceException;

/**
 * Temporary files, whose names are removed at once, so that none is left however the process ends.
 * They are in {@code /var/tmp}, since {@code /tmp} may be memory. Not instantiable.
 */
final class Spool {
  static final Path DIRECTORY = Path.of("/var/tmp");
  private static final int BUFFER = 64 * 1024;

  private Spool() {}

  /** Returns a new, empty file. */
  static FileChannel create() throws IOException {
    Path name = Files.createTempFile(DIRECTORY, "syschroot-", ".part");
    try {
      return FileChannel.open(name, StandardOpenOption.READ, StandardOpenOption.WRITE);
    } finally {
      Files.delete(name);
    }
  }

  /** Returns the bytes of a stream as a file. */
  static FileChannel of(InputStream in) throws IOException {
    long most = room();
    FileChannel file = create();
    try {
      byte[] buffer = new byte[BUFFER];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        write(file, buffer, count);
        if (file.position() > most) {
          throw new SourceException("no space left in " + DIRECTORY + ": unpack it first");
        }
      }
      return file;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  static void write(FileChannel file, byte[] bytes, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, 0, length);
    while (buffer.hasRemaining()) {
      file.write(buffer);
    }
  }

  /** Returns how many bytes may be put there. */
  static long room() throws IOException {
    return Files.getFileStore(DIRECTORY).getUsableSpace() / 20 * 19;
  }
}
