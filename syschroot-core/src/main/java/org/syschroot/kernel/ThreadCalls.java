// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/**
 * The system calls for what the kernel keeps for each thread by itself. All act on the calling
 * thread, and throw {@link KernelException} with the errno that their manual pages list.
 * Implementations are thread-safe.
 */
public interface ThreadCalls {
  /**
   * Sets policy, flags, nice value and times, sched_setattr(2).
   *
   * @param attributes a {@code struct sched_attr}
   */
  void setScheduling(byte[] attributes) throws KernelException;

  /** Sets the signal that comes when the parent ends, prctl(2) {@code PR_SET_PDEATHSIG}. */
  void setParentDeathSignal(int signal) throws KernelException;

  /**
   * Blocks signals and sends each to the calling thread, which leaves them pending: tgkill(2).
   *
   * @param signals bit N-1 for signal N
   */
  void makePending(long signals) throws KernelException;
}
