// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.path.OsString;

/**
 * Native memory for the arguments of one system call at a time: taken in order, given back all at
 * once. Belongs to one thread, so that no call allocates once its thread is warm, nor after
 * chroot(2), when a class can no longer be loaded.
 */
final class Scratch {
  private static final int BLOCK = 64 * 1024;
  private static final int ALIGNMENT = 16;

  private final Block first = new Block(BLOCK);
  private final List<Block> further = new ArrayList<>();
  private Block current = first;

  /** Some bytes of native memory, at a fixed place until {@link #reset()}. */
  record Slice(ByteBuffer bytes, long address) {}

  private static final class Block {
    final ByteBuffer bytes;
    final long address;
    int used;

    Block(int size) {
      bytes = ByteBuffer.allocateDirect(size);
      address = RawCalls.running().addressOf(bytes);
    }
  }

  /** Forgets everything taken so far. */
  Scratch reset() {
    further.clear();
    current = first;
    current.used = 0;
    return this;
  }

  /** Returns {@code size} bytes of unspecified content, in the machine's byte order. */
  Slice take(int size) {
    if (current.used + size > current.bytes.capacity()) {
      current = new Block(Math.max(size, BLOCK));
      further.add(current);
    }
    int start = current.used;
    current.used = (start + size + ALIGNMENT - 1) & -ALIGNMENT;
    ByteBuffer slice = current.bytes.slice(start, size).order(ByteOrder.nativeOrder());
    return new Slice(slice, current.address + start);
  }

  /** Returns the address of a NUL-terminated copy. */
  long string(OsString text) {
    Slice copy = take(text.length() + 1);
    text.putInto(copy.bytes());
    copy.bytes().put((byte) 0);
    return copy.address();
  }

  /** Returns the address of a NULL-terminated array of NUL-terminated copies. */
  long strings(List<OsString> texts) {
    Slice array = take(Long.BYTES * (texts.size() + 1));
    for (OsString text : texts) {
      array.bytes().putLong(string(text));
    }
    array.bytes().putLong(0);
    return array.address();
  }
}
