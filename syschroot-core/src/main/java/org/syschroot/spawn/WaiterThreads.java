// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.NativeMemory;
import org.syschroot.kernel.ProcessCalls;

/** Watches each child with a thread of its own. Thread-safe. */
final class WaiterThreads implements ChildWatch {
  private final ProcessCalls calls;
  private final ExitWork work;
  private final SpawnContext.ThreadStart threads;

  WaiterThreads(ProcessCalls calls, ExitWork work, SpawnContext.ThreadStart threads) {
    this.calls = calls;
    this.work = work;
    this.threads = threads;
  }

  @Override
  public void add(SwitchedProcess process) {
    work.ensureRunning();
    NativeMemory memory;
    try {
      memory = NativeMemory.map(NativeMemory.PAGE);
    } catch (KernelException noAddressSpace) {
      throw new OutOfMemoryError(noAddressSpace.getMessage());
    }
    Thread thread =
        new Thread(
            null, () -> await(process, memory), "syschroot waits for " + process.pid(), 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    threads.start(thread);
  }

  private void await(SwitchedProcess process, NativeMemory memory) {
    boolean failed = false;
    while (!ended(process, memory, failed)) {
      failed = true;
    }
    memory.close();
    work.add(process);
  }

  /** Returns false if it failed, for lack of memory, and is to be tried again. */
  private boolean ended(SwitchedProcess process, NativeMemory memory, boolean failed) {
    try {
      EnduringThread.pauseIf(failed);
      calls.awaitEnd((int) process.pid());
    } catch (KernelException notOurs) {
      // Somebody else has waited for all children of this process; reap() finds that out.
    } catch (Throwable survived) {
      return false;
    }
    try {
      return process.reap(memory);
    } catch (Throwable survived) {
      return false;
    }
  }
}
