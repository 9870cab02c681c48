// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/**
 * The limits of a resource, getrlimit(2). Immutable.
 *
 * @param soft the limit in force, an unsigned number; all bits set is no limit
 * @param hard what the soft limit may be raised to, likewise
 */
public record ResourceLimit(long soft, long hard) {
  /** The number of {@code RLIMIT_STACK}, the size of the first thread's stack in bytes. */
  public static final int STACK = 3;

  /** The number of {@code RLIMIT_NOFILE}, the number of open files. */
  public static final int NOFILE = 7;
}
