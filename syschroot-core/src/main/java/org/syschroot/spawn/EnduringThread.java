// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.syschroot.spawn.SpawnContext.ThreadStart;

/**
 * A daemon thread that does the same thing for ever. Nothing that is thrown ends it, since a full
 * heap is often somebody else's doing and soon over; if it is gone all the same, the next {@link
 * #ensureRunning()} starts another. Thread-safe.
 */
final class EnduringThread {
  private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(10);

  private final String name;
  private final Round round;
  private final ThreadStart threads;
  private @Nullable Thread thread;

  /** What is done again and again. */
  @FunctionalInterface
  interface Round {
    void run() throws Exception;
  }

  EnduringThread(String name, Round round, ThreadStart threads) {
    this.name = name;
    this.round = round;
    this.threads = threads;
  }

  /**
   * Starts the thread unless it runs.
   *
   * @throws OutOfMemoryError if the system has no thread left
   */
  synchronized void ensureRunning() {
    if (thread == null || !thread.isAlive()) {
      Thread next = new Thread(null, this::run, name, 0, false);
      next.setDaemon(true);
      next.setContextClassLoader(null);
      threads.start(next);
      thread = next;
    }
  }

  private void run() {
    boolean failed = false;
    while (true) {
      try {
        pauseIf(failed);
        failed = false;
        round.run();
      } catch (Throwable survived) {
        failed = true;
      }
    }
  }

  /**
   * Waits a little before something is tried again. Called in the same block as that, never in its
   * handler: what a class calls for the first time can take memory, so that a handler which is to
   * survive a full heap assigns a variable, and does nothing else.
   *
   * @param failed whether to wait
   */
  static void pauseIf(boolean failed) {
    if (failed) {
      Thread.interrupted(); // or it would not wait
      LockSupport.parkNanos(PAUSE);
    }
  }
}
