// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import org.jspecify.annotations.Nullable;

/**
 * What is to be done for children that have ended and may take time or memory: keeping what they
 * have written, and completing futures. On a thread of its own, so that it delays nobody who waits
 * for a child. What fails, for lack of memory, is tried again when there is nothing else to do.
 * Thread-safe.
 */
final class ExitWork {
  private static final long RETRY_MILLISECONDS = 50;

  private final EnduringThread thread;
  private final Queue ended = new Queue();
  // Of the thread alone.
  private final Queue failed = new Queue();

  ExitWork(SpawnContext.ThreadStart threads) {
    this.thread = new EnduringThread("syschroot finishes ended children", this::round, threads);
  }

  /** Processes linked by a field of theirs, so that adding one takes no memory. */
  private static final class Queue {
    private @Nullable SwitchedProcess first;
    private @Nullable SwitchedProcess last;

    void add(SwitchedProcess process) {
      if (last == null) {
        first = process;
      } else {
        last.nextEnded = process;
      }
      last = process;
    }

    @Nullable SwitchedProcess poll() {
      SwitchedProcess process = first;
      if (process != null) {
        first = process.nextEnded;
        process.nextEnded = null;
        last = first == null ? null : last;
      }
      return process;
    }
  }

  /**
   * Starts the thread unless it runs.
   *
   * @throws OutOfMemoryError if the system has no thread left
   */
  void ensureRunning() {
    thread.ensureRunning();
  }

  /** Hands over a process that has ended. Takes no memory. */
  synchronized void add(SwitchedProcess process) {
    ended.add(process);
    notifyAll();
  }

  private void round() throws InterruptedException {
    SwitchedProcess process = next();
    boolean done = false;
    try {
      done = process.finish();
    } catch (Throwable later) {
      done = false;
    }
    if (!done) {
      failed.add(process);
    }
  }

  private synchronized SwitchedProcess next() throws InterruptedException {
    while (true) {
      SwitchedProcess process = ended.poll();
      if (process != null) {
        return process;
      }
      process = failed.poll();
      if (process == null) {
        wait();
      } else {
        ended.add(process);
        for (process = failed.poll(); process != null; process = failed.poll()) {
          ended.add(process);
        }
        wait(RETRY_MILLISECONDS);
      }
    }
  }
}
