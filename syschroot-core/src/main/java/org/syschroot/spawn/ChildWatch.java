// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.ProcessCalls;

/**
 * Sees to it that {@link SwitchedProcess#reap} is called when a child has ended, and never waits
 * for a child that is not ours: those of {@link ProcessBuilder} are the JDK's. Implementations are
 * thread-safe.
 */
interface ChildWatch {
  /**
   * Watches a child until it ends.
   *
   * @throws OutOfMemoryError if there is no memory or thread for that; then it is not watched
   */
  void add(SwitchedProcess process);

  /** Returns the watch that suits the kernel: before Linux 5.3 it takes a thread per child. */
  static ChildWatch best(ProcessCalls calls, SpawnContext.ThreadStart threads) {
    ExitWork work = new ExitWork(threads);
    WaiterThreads waiters = new WaiterThreads(calls, work, threads);
    try {
      return new PidfdWatch(calls, calls.epollCreate(), waiters, work, threads);
    } catch (KernelException noEpoll) {
      return waiters;
    }
  }
}
