// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.NativeMemory;
import org.syschroot.kernel.ProcessCalls;
import org.syschroot.kernel.ReadyBatch;

/**
 * Watches all children with one thread, which waits for their pidfds. Where there are none, before
 * Linux 5.3 or when the JVM has no descriptor left, it falls back to a thread for the child.
 *
 * <p>The thread takes no memory of Java's heap: a heap that is full for a moment must not end it,
 * nor cost the exit status of a child. What still fails leaves the child watched, and is tried
 * again. Thread-safe.
 */
final class PidfdWatch implements ChildWatch {
  private static final int EVENTS = 64;

  private final ProcessCalls calls;
  private final int epoll;
  private final ChildWatch fallback;
  private final ExitWork work;
  private final ReadyBatch ready;
  private final NativeMemory memory;
  private final EnduringThread thread;
  // By the number of the pidfd, which is free again only when the process has been taken out.
  private @Nullable SwitchedProcess[] watched = new SwitchedProcess[EVENTS];

  PidfdWatch(
      ProcessCalls calls,
      int epoll,
      ChildWatch fallback,
      ExitWork work,
      SpawnContext.ThreadStart threads)
      throws KernelException {
    this.calls = calls;
    this.epoll = epoll;
    this.fallback = fallback;
    this.work = work;
    this.ready = new ReadyBatch(EVENTS);
    this.memory = NativeMemory.map(NativeMemory.PAGE);
    this.thread = new EnduringThread("syschroot waits for children", this::round, threads);
  }

  @Override
  public void add(SwitchedProcess process) {
    thread.ensureRunning();
    work.ensureRunning();
    int pidfd;
    try {
      pidfd = calls.pidfdOpen((int) process.pid());
    } catch (KernelException none) {
      fallback.add(process);
      return;
    }
    try {
      put(pidfd, process);
      calls.epollAdd(epoll, pidfd);
    } catch (KernelException full) {
      forget(pidfd);
      fallback.add(process);
    } catch (RuntimeException | Error failure) {
      forget(pidfd);
      throw failure;
    }
  }

  private synchronized void put(int pidfd, SwitchedProcess process) {
    if (pidfd >= watched.length) {
      watched = Arrays.copyOf(watched, Math.max(pidfd + 1, 2 * watched.length));
    }
    watched[pidfd] = process;
  }

  private synchronized @Nullable SwitchedProcess at(int pidfd) {
    return watched[pidfd];
  }

  private void forget(int pidfd) {
    synchronized (this) {
      if (pidfd < watched.length) {
        watched[pidfd] = null;
      }
    }
    try {
      calls.close(pidfd);
    } catch (KernelException closedAnyway) {
      // close(2) gives the descriptor back whatever it returns.
    }
  }

  private void round() throws KernelException {
    int count = calls.epollWait(epoll, ready);
    boolean again = false;
    for (int i = 0; i < count; i++) {
      try {
        ended(ready.descriptor(i));
      } catch (Throwable survived) {
        // It stays readable, so that the next wait returns it at once.
        again = true;
      }
    }
    EnduringThread.pauseIf(again);
  }

  private void ended(int pidfd) throws KernelException {
    SwitchedProcess process = at(pidfd);
    if (process == null) {
      calls.epollRemove(epoll, pidfd);
    } else if (process.reap(memory)) {
      // Before it is closed: a child being made has a copy, which epoll would go on watching.
      calls.epollRemove(epoll, pidfd);
      forget(pidfd);
      work.add(process);
    }
  }
}
