// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/** Asks whether something has happened to a descriptor. Implementations are thread-safe. */
@FunctionalInterface
public interface PollCalls {
  /**
   * Returns whether a file has an exceptional condition, ppoll(2) {@code POLLPRI} without waiting.
   * That of a {@code mountinfo} file, see proc_pid_mountinfo(5): the mount table has changed since
   * the file was opened or last asked.
   */
  boolean isExceptional(int fd) throws KernelException;
}
