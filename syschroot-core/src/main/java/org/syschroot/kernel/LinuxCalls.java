// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/**
 * How the running kernel is called: through syscall(2) with the numbers of {@link SystemCall}.
 * glibc's wrappers of setuid(2) and its kin would change every thread of the JVM, and several calls
 * have no wrapper.
 */
abstract class LinuxCalls implements Kernel {
  static final int PATH_MAX = 4096;

  final RawCalls raw = RawCalls.running();

  /** Returns the result of a call, or the negative errno. */
  final long call(SystemCall call, long a, long b, long c, long d, long e) {
    return raw.call(call.number(), a, b, c, d, e);
  }

  final long call(SystemCall call, long a, long b, long c, long d) {
    return call(call, a, b, c, d, 0);
  }

  final long call(SystemCall call, long a) {
    return call(call, a, 0, 0, 0, 0);
  }

  static Scratch scratch() {
    return ThreadScratch.get();
  }

  static KernelException failed(String call, String arguments, long result) {
    return new KernelException(call, arguments, (int) -result);
  }

  static String place(int directory, OsString path) {
    return directory == AT_FDCWD ? "path=" + path : "directory=" + directory + ", path=" + path;
  }

  static OsString bytes(Slice buffer, int length) {
    byte[] bytes = new byte[length];
    buffer.bytes().get(0, bytes);
    return OsString.ofBytes(bytes);
  }
}
