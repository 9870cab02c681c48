// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * Copies the content of a file, holes as holes. The content only: extended attributes, and with
 * them file capabilities, stay behind for the same reason as set-user-ID bits. Not instantiable.
 */
final class FileCopy {
  private static final int BLOCK = 1 << 16;

  private FileCopy() {}

  /** Copies all bytes to an empty file and returns how many there are. */
  static long copy(FileChannel from, FileChannel to) throws IOException {
    ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
    ByteBuffer zeros = ByteBuffer.allocateDirect(BLOCK);
    long length = 0;
    boolean hole = false;
    while (fill(block.clear(), from)) {
      block.flip();
      hole = block.equals(zeros.clear().limit(block.limit()));
      if (!hole) {
        write(block, to, length);
      }
      length += block.limit();
    }
    if (hole) {
      write(zeros.clear().limit(1), to, length - 1);
    }
    return length;
  }

  private static boolean fill(ByteBuffer block, FileChannel from) throws IOException {
    while (block.hasRemaining() && from.read(block) >= 0) {}

    return block.position() > 0;
  }

  private static void write(ByteBuffer bytes, FileChannel to, long position) throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += to.write(bytes, at);
    }
  }
}
