// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.rules;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Kernel;

/**
 * Calls site code, names it when it fails, and does not wait for it forever. Immutable and
 * thread-safe.
 *
 * @param kernel whose calls the code may make
 * @param warnings is told of code that is slow, and of failures that nobody else hears of
 * @param patience after how long a call is told of
 * @param limit after how long a call is given up; its thread may go on
 */
record SiteCalls(Kernel kernel, Consumer<String> warnings, Duration patience, Duration limit) {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  SiteCalls(Kernel kernel, Consumer<String> warnings) {
    this(kernel, warnings, PATIENCE, LIMIT);
  }

  /**
   * Makes a call in a thread of its own, which has the mounts of the calling thread.
   *
   * @throws SiteCodeException if it throws, returns null or takes too long
   */
  <T> T inTime(SiteOrigin origin, String method, Callable<? extends @Nullable T> call)
      throws SiteCodeException {
    FutureTask<@Nullable T> task =
        new FutureTask<>(
            () -> {
              try {
                return call.call();
              } finally {
                kernel.endThread();
              }
            });
    Thread thread = new Thread(null, task, "syschroot extension", 0, false);
    thread.setDaemon(true);
    try {
      thread.start();
    } catch (OutOfMemoryError noThreadLeft) { // so HotSpot tells of clone(2) that failed
      throw origin.failure("cannot be called: no thread can be created");
    }
    T result;
    try {
      result = await(origin, method, task);
    } catch (ExecutionException e) {
      throw origin.failure(e);
    }
    if (result == null) {
      throw origin.failure(method + " returned null");
    }
    return result;
  }

  private <T> @Nullable T await(SiteOrigin origin, String method, FutureTask<@Nullable T> task)
      throws ExecutionException, SiteCodeException {
    boolean interrupted = false;
    boolean told = false;
    long begin = System.nanoTime();
    try {
      while (true) {
        Duration until = told ? limit : patience;
        try {
          return task.get(begin + until.toNanos() - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true; // There is an answer or none: never an unknown.
        } catch (TimeoutException e) {
          if (told) {
            task.cancel(true);
            throw origin.failure(
                method + " has not returned within " + limit.toSeconds() + " seconds");
          }
          told = true;
          warnings.accept(
              origin
                  .failure(method + " has not returned for " + seconds(patience) + " seconds")
                  .getMessage());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Makes a call in this thread, and tells afterwards if it was slow.
   *
   * @throws SiteCodeException if it throws
   */
  void here(SiteOrigin origin, String method, Runnable call) throws SiteCodeException {
    long begin = System.nanoTime();
    try {
      call.run();
    } catch (Throwable e) {
      throw origin.failure(e);
    }
    Duration taken = Duration.ofNanos(System.nanoTime() - begin);
    if (taken.compareTo(patience) > 0) {
      warnings.accept(origin.failure(method + " took " + seconds(taken) + " seconds").getMessage());
    }
  }

  /** Makes a call in this thread whose failure changes nothing any more, and tells of it. */
  void told(SiteOrigin origin, String method, Runnable call) {
    try {
      here(origin, method, call);
    } catch (SiteCodeException e) {
      warnings.accept(e.getMessage());
    }
  }

  private static String seconds(Duration duration) {
    return String.valueOf(Math.max(1, duration.toSeconds()));
  }
}
