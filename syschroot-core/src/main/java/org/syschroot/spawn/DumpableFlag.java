// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.ProcessCalls;

/**
 * Keeps the dumpable flag of the JVM, {@code PR_SET_DUMPABLE}, as it was.
 *
 * <p>The kernel clears it, for all threads since they share the memory, when one of them becomes
 * another user: that user could otherwise attach a debugger to the thread and read what the JVM
 * knows. So it may come back only when no thread is that user any more, and until then core dumps
 * are off and other processes of the JVM's own user cannot attach. Thread-safe.
 */
final class DumpableFlag {
  private final ProcessCalls calls;
  private int users;
  private int before;

  DumpableFlag(ProcessCalls calls) {
    this.calls = calls;
  }

  /** Called before a thread changes its user. */
  synchronized void enter() throws KernelException {
    if (users == 0) {
      before = calls.dumpable();
    }
    users++;
  }

  /**
   * Called when that thread is to end, after it has told its number.
   *
   * @param threadId the thread, or 0 if it never ran
   */
  @SuppressWarnings("ThreadPriorityCheck") // it is a matter of microseconds
  void leave(int threadId) throws KernelException {
    // Java's word for it that a thread has ended comes before the kernel's.
    while (threadId != 0 && calls.hasThread(threadId)) {
      Thread.yield();
    }
    synchronized (this) {
      users--;
      // 2 is for the kernel alone to set; then it was never ours to restore.
      if (users == 0 && before != 2 && calls.dumpable() != before) {
        calls.setDumpable(before);
      }
    }
  }
}
