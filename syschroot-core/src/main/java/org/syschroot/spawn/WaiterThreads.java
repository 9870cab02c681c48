// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.ProcessCalls;

/** Watches each child with a thread of its own. Thread-safe. */
final class WaiterThreads implements ChildWatch {
  private final ProcessCalls calls;

  WaiterThreads(ProcessCalls calls) {
    this.calls = calls;
  }

  @Override
  public void add(SwitchedProcess process) {
    Thread thread =
        new Thread(null, () -> await(process), "syschroot waits for " + process.pid(), 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    thread.start();
  }

  private void await(SwitchedProcess process) {
    try {
      calls.awaitEnd((int) process.pid());
    } catch (KernelException notOurs) {
      // Somebody else has waited for all children of this process; reap() finds that out.
    }
    process.reap();
  }
}
