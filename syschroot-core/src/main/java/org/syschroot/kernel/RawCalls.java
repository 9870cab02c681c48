// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.nio.ByteBuffer;

/**
 * syscall(2) and the few other functions of libc that are called by address. Thread-safe.
 *
 * <p>There are two ways to make a native call. {@code java.lang.foreign}, from Java 22 on, is part
 * of the JDK and unpacks nothing, but takes longer at the first call. jffi has a library of its
 * own, which it unpacks into the temporary directory unless the property {@value #LIBRARY_PATH}
 * says where it is: whoever sets that, as the start script of the command does, has jffi.
 */
abstract class RawCalls {
  static final String LIBRARY_PATH = "jffi.boot.library.path";
  private static final int FOREIGN_SINCE = 22;
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_PRIVATE_UNRESERVED = 0x2 | 0x20 | 0x4000;

  private static final class Holder {
    static final RawCalls CALLS = best();
  }

  /**
   * Returns the calls of this JVM.
   *
   * @throws UnsatisfiedLinkError if it may make none; its message says what to do
   */
  static RawCalls running() {
    return Holder.CALLS;
  }

  private static RawCalls best() {
    boolean unpacked = System.getProperty(LIBRARY_PATH) != null;
    return Runtime.version().feature() < FOREIGN_SINCE || unpacked
        ? JffiCalls.load()
        : ForeignCalls.load();
  }

  /** Returns the result of a system call with up to five arguments, or the negative errno. */
  abstract long call(int number, long a, long b, long c, long d, long e);

  /**
   * Returns the result of a system call, or a negative number: whatever must be done takes no
   * memory of Java's heap.
   */
  abstract long withoutMemory(SystemCall call, long a, long b, long c, long d);

  /** Closes a descriptor, and returns 0 or the negative errno. */
  long close(int descriptor) {
    return call(SystemCall.CLOSE.number(), descriptor, 0, 0, 0, 0);
  }

  /** Returns what a function returns that takes up to six words, and whose errno is not asked. */
  abstract long function(long address, long a, long b, long c, long d, long e, long f);

  /** Returns where a function of libc is, or 0 if it has none of that name. */
  abstract long find(String name);

  /** Returns where a direct buffer begins. */
  abstract long addressOf(ByteBuffer buffer);

  /** Returns memory as a buffer, which does not keep it. */
  abstract ByteBuffer buffer(long address, int size);

  /** Returns where a function of libc is, or 0 if it has none of that name. */
  static long address(String name) {
    return running().find(name);
  }

  /** Returns new private memory that takes room only where it is used, mmap(2), or -1. */
  final long map(long bytes) {
    return function(find("mmap"), 0, bytes, PROT_READ_WRITE, MAP_PRIVATE_UNRESERVED, -1, 0);
  }

  /**
   * Returns what a function of libc returns that gives an errno as its result, or void: it takes up
   * to six words.
   */
  final int invoke(long address, long a, long b, long c, long d, long e, long f) {
    return (int) function(address, a, b, c, d, e, f);
  }
}
