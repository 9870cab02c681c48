// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.archive;

import java.util.Arrays;
import org.syschroot.images.tree.SourceException;
import org.syschroot.path.OsString;

/**
 * One block of 512 bytes that begins an entry of a tar archive: ustar (pax(1) of POSIX.1-2017), and
 * what GNU tar and the tar of Unix V7 write instead. Immutable.
 */
final class TarHeader {
  static final int SIZE = 512;
  private static final byte[] USTAR = {'u', 's', 't', 'a', 'r', 0};
  private static final byte[] GNU = {'u', 's', 't', 'a', 'r', ' ', ' ', 0};
  private static final int CHECKSUM = 148;
  private static final int CHECKSUM_END = 156;
  private static final int MAGIC = 257;

  private final byte[] block;

  /**
   * Creates a header from a block, which is kept.
   *
   * @throws SourceException if its checksum is wrong
   */
  TarHeader(byte[] block) throws SourceException {
    this.block = block;
    long stored = octal(CHECKSUM, CHECKSUM_END - CHECKSUM);
    if (stored != sum(false) && stored != sum(true)) {
      throw new SourceException("not a tar archive, or damaged: a header has a wrong checksum");
    }
  }

  static boolean isEnd(byte[] block) {
    for (byte value : block) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }

  /** Some old tars summed up the bytes as signed ones. */
  private long sum(boolean signed) {
    long sum = 0;
    for (int i = 0; i < SIZE; i++) {
      boolean blank = i >= CHECKSUM && i < CHECKSUM_END;
      sum += blank ? ' ' : signed ? block[i] : block[i] & 0xff;
    }
    return sum;
  }

  private boolean hasMagic(byte[] magic) {
    return Arrays.equals(block, MAGIC, MAGIC + magic.length, magic, 0, magic.length);
  }

  /** Returns the type; NUL stands for a file, as in the oldest archives. */
  char type() {
    return block[156] == 0 ? '0' : (char) (block[156] & 0xff);
  }

  OsString name() {
    OsString name = text(0, 100);
    OsString prefix = hasMagic(USTAR) && !hasMagic(GNU) ? text(345, 155) : OsString.of("");
    return prefix.isEmpty() ? name : prefix.plus(OsString.of("/")).plus(name);
  }

  OsString link() {
    return text(157, 100);
  }

  int mode() throws SourceException {
    return (int) number(100, 8) & 07777;
  }

  long uid() throws SourceException {
    return number(108, 8);
  }

  long gid() throws SourceException {
    return number(116, 8);
  }

  long size() throws SourceException {
    return number(124, 12);
  }

  long modified() throws SourceException {
    return number(136, 12);
  }

  /** Returns the offset and length of a part of a sparse file (GNU tar, "Old GNU Format"). */
  long sparseNumber(int offset) throws SourceException {
    return number(offset, 12);
  }

  boolean isMarked(int offset) {
    return block[offset] != 0;
  }

  /** Returns whether there is a number at all. */
  boolean isEmpty(int offset) {
    return block[offset] == 0;
  }

  private OsString text(int start, int length) {
    int end = start;
    while (end < start + length && block[end] != 0) {
      end++;
    }
    return OsString.ofBytes(block, start, end);
  }

  /** Returns a number in octal digits or, as GNU tar writes large ones, in binary. */
  private long number(int start, int length) throws SourceException {
    if ((block[start] & 0x80) == 0) {
      return octal(start, length);
    }
    boolean negative = (block[start] & 0x40) != 0;
    long value = negative ? -1 : 0;
    for (int i = start; i < start + length; i++) {
      int part = block[i] & 0xff;
      if (i == start) {
        part = negative ? part | 0x80 : part & 0x7f;
      }
      if (i < start + length - 8) {
        if (part != (negative ? 0xff : 0)) {
          throw new SourceException("damaged: a number in a header is out of range");
        }
      } else {
        value = value << 8 | part;
      }
    }
    if (value < 0 != negative) {
      throw new SourceException("damaged: a number in a header is out of range");
    }
    return value;
  }

  private long octal(int start, int length) throws SourceException {
    long value = 0;
    boolean ended = false;
    boolean begun = false;
    for (int i = start; i < start + length; i++) {
      int digit = block[i] - '0';
      if (digit >= 0 && digit < 8 && !ended) {
        value = value << 3 | digit;
        begun = true;
      } else if (block[i] == ' ' || block[i] == 0) {
        ended = begun;
      } else {
        throw new SourceException("not a tar archive, or damaged: a header holds no number");
      }
    }
    return value;
  }
}
