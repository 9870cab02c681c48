// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.ProcessCalls;

/**
 * Watches all children with one thread, which waits for their pidfds. Where there are none, before
 * Linux 5.3 or when the JVM has no descriptor left, it falls back to a thread for the child.
 * Thread-safe.
 */
final class PidfdWatch implements ChildWatch {
  private final ProcessCalls calls;
  private final int epoll;
  private final ChildWatch fallback;
  private final Map<Integer, SwitchedProcess> watched = new ConcurrentHashMap<>();
  private boolean running;

  PidfdWatch(ProcessCalls calls, int epoll, ChildWatch fallback) {
    this.calls = calls;
    this.epoll = epoll;
    this.fallback = fallback;
  }

  @Override
  public void add(SwitchedProcess process) {
    int pidfd;
    try {
      ensureRunning();
      pidfd = calls.pidfdOpen((int) process.pid());
    } catch (KernelException none) {
      fallback.add(process);
      return;
    }
    watched.put(pidfd, process);
    try {
      calls.epollAdd(epoll, pidfd);
    } catch (KernelException full) {
      watched.remove(pidfd);
      close(pidfd);
      fallback.add(process);
    }
  }

  private synchronized void ensureRunning() {
    if (!running) {
      Thread thread = new Thread(null, this::watch, "syschroot waits for children", 0, false);
      thread.setDaemon(true);
      thread.setContextClassLoader(null);
      thread.start();
      running = true;
    }
  }

  private void watch() {
    while (true) {
      int[] ready;
      try {
        ready = calls.epollWait(epoll);
      } catch (KernelException impossible) {
        throw new IllegalStateException(impossible);
      }
      for (int pidfd : ready) {
        SwitchedProcess process = watched.remove(pidfd);
        close(pidfd);
        process.reap();
      }
    }
  }

  private void close(int pidfd) {
    try {
      calls.close(pidfd);
    } catch (KernelException closedAnyway) {
      // close(2) gives the descriptor back whatever it returns.
    }
  }
}
