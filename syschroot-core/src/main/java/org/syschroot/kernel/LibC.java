// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/** The one function of libc that is bound: syscall(2), with all six arguments as words. */
public interface LibC {
  /** Makes a system call; -1 and errno on failure. */
  long syscall(long number, long a, long b, long c, long d, long e, long f);
}
