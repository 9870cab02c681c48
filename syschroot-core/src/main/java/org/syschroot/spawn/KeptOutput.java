// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.syschroot.kernel.ProcessCalls;

/**
 * What was in a pipe at one moment, and is to be kept in Java's heap. In small pieces: a collector
 * may need twice the room for a large array. For one thread at a time.
 */
final class KeptOutput {
  private static final int PIECE = 32 * 1024;
  private static final int SMALL = 4096;
  private static final int FREE_PART = 4;

  private final int size;
  private final byte[][] pieces;
  private int count;

  /**
   * Creates it, empty.
   *
   * @param size the number of bytes that are in the pipe
   */
  KeptOutput(int size) {
    this.size = size;
    this.pieces = new byte[(size + PIECE - 1) / PIECE][];
  }

  /**
   * Returns whether a quarter of the heap stays free when the output has been kept: nobody should
   * run out of memory because of what nobody reads. Garbage counts as memory in use.
   */
  boolean fits() {
    Runtime runtime = Runtime.getRuntime();
    long most = runtime.maxMemory();
    long free = most - runtime.totalMemory() + runtime.freeMemory();
    return size <= SMALL || free - (size - count) >= most / FREE_PART;
  }

  /**
   * Takes it out of the pipe. Can be repeated after an error: what has been read is not lost.
   *
   * @param pipe a descriptor that does not block
   */
  void read(ProcessCalls calls, int pipe) throws IOException {
    int more = 1;
    while (more > 0 && count < size) {
      int piece = count / PIECE;
      int begin = piece * PIECE;
      if (pieces[piece] == null) {
        pieces[piece] = new byte[Math.min(PIECE, size - begin)];
      }
      int length = pieces[piece].length - (count - begin);
      more = calls.read(pipe, pieces[piece], count - begin, length);
      count += more;
    }
  }

  /** Returns all that has been read, in one. */
  byte[] content() {
    byte[] all = new byte[count];
    for (int at = 0; at < count; at += PIECE) {
      System.arraycopy(pieces[at / PIECE], 0, all, at, Math.min(PIECE, count - at));
    }
    return all;
  }

  /** Returns a stream of what has been read, which forgets each piece that it has passed. */
  InputStream stream() {
    return new Pieces();
  }

  private final class Pieces extends InputStream {
    private int position;

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      if (length == 0) {
        return 0;
      }
      if (position == count) {
        return -1;
      }
      int inPiece = position % PIECE;
      int most = Math.min(length, Math.min(count - position, PIECE - inPiece));
      System.arraycopy(pieces[position / PIECE], inPiece, bytes, offset, most);
      position += most;
      Arrays.fill(pieces, 0, position / PIECE, null);
      return most;
    }

    @Override
    public int available() {
      return count - position;
    }
  }
}
