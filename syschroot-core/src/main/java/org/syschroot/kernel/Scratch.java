// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.ArrayList;
import java.util.List;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.syschroot.path.OsString;

/**
 * Native memory for the arguments of one system call at a time: taken in order, given back all at
 * once. Belongs to one thread, so that no call allocates once its thread is warm, nor after
 * chroot(2), when a class can no longer be loaded.
 */
final class Scratch {
  private static final int BLOCK = 64 * 1024;
  private static final int ALIGNMENT = 16;

  private final Runtime runtime;
  private final Pointer first;
  private final List<Pointer> further = new ArrayList<>();
  private Pointer block;
  private long used;

  Scratch(Runtime runtime) {
    this.runtime = runtime;
    this.first = runtime.getMemoryManager().allocateDirect(BLOCK);
    this.block = first;
  }

  /** Forgets everything taken so far. */
  Scratch reset() {
    further.clear();
    block = first;
    used = 0;
    return this;
  }

  /** Returns {@code size} bytes of unspecified content. */
  Pointer take(long size) {
    if (used + size > block.size()) {
      block = runtime.getMemoryManager().allocateDirect((int) Math.max(size, BLOCK));
      further.add(block);
      used = 0;
    }
    Pointer taken = block.slice(used, size);
    used = (used + size + ALIGNMENT - 1) & -ALIGNMENT;
    return taken;
  }

  /** Returns the address of a NUL-terminated copy. */
  long string(OsString text) {
    byte[] bytes = text.toBytes();
    Pointer copy = take(bytes.length + 1L);
    copy.put(0, bytes, 0, bytes.length);
    copy.putByte(bytes.length, (byte) 0);
    return copy.address();
  }

  /** Returns the address of a NULL-terminated array of NUL-terminated copies. */
  long strings(List<OsString> texts) {
    Pointer array = take(8L * (texts.size() + 1));
    for (int i = 0; i < texts.size(); i++) {
      array.putLong(8L * i, string(texts.get(i)));
    }
    array.putLong(8L * texts.size(), 0);
    return array.address();
  }
}
