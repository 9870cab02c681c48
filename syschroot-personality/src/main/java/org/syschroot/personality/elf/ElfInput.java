// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;

/**
 * Positioned reads of one file that check every range before any memory is taken for it.
 *
 * <p>Mutable (it counts what was read) and for one thread.
 */
final class ElfInput {
  // Tables can overlap, so a small file can ask for far more bytes than it has. Real files need
  // some kilobytes; the largest legal tables need a few megabytes.
  private static final long MAX_TOTAL_BYTES = 16L << 20;
  private static final int STRING_CHUNK = 256;

  private final SeekableByteChannel channel;
  private final String name;
  private final long size;
  private ByteOrder order = ByteOrder.BIG_ENDIAN;
  private long bytesLeft = MAX_TOTAL_BYTES;

  ElfInput(SeekableByteChannel channel, String name) throws IOException {
    this.channel = channel;
    this.name = name;
    this.size = channel.size();
  }

  long size() {
    return size;
  }

  /** Sets the byte order of the buffers read from now on. */
  void order(ByteOrder newOrder) {
    order = newOrder;
  }

  ElfFormatException malformed(long offset, String problem) {
    return new ElfFormatException(name, offset, problem);
  }

  /** Reads exactly the bytes of a range; negative numbers are unsigned ones out of range. */
  ByteBuffer read(long offset, long length, String what) throws IOException {
    if (length < 0 || length > size || offset < 0 || offset > size - length) {
      throw malformed(
          offset,
          what
              + " of "
              + Long.toUnsignedString(length)
              + " bytes runs past the end of the file ("
              + size
              + " bytes)");
    }
    if (length > bytesLeft) {
      throw malformed(
          offset, what + ": the tables are over the limit of " + MAX_TOTAL_BYTES + " bytes");
    }
    bytesLeft -= length;
    ByteBuffer buffer = ByteBuffer.allocate((int) length).order(order);
    channel.position(offset);
    while (buffer.hasRemaining()) {
      // A blocking channel gives at least one byte; a shorter answer means the file was cut.
      if (channel.read(buffer) <= 0) {
        throw malformed(offset + buffer.position(), what + " was cut off while it was read");
      }
    }
    return buffer.flip();
  }

  /** Reads a string that ends with NUL within {@code limit} bytes from the offset. */
  String readString(long offset, long limit, int maxBytes, String what) throws IOException {
    long available = Math.min(limit, size - offset);
    byte[] bytes = new byte[0];
    while (bytes.length < Math.min(available, maxBytes)) {
      long wanted = Math.max(STRING_CHUNK, bytes.length * 2L);
      int length = (int) Math.min(wanted, Math.min(available, maxBytes));
      bytes = read(offset, length, what).array();
      for (int end = 0; end < length; end++) {
        if (bytes[end] == 0) {
          return new String(bytes, 0, end, StandardCharsets.UTF_8);
        }
      }
    }
    throw malformed(offset, what + " has no NUL within its table or " + maxBytes + " bytes");
  }
}
