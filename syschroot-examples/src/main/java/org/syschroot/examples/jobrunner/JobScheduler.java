// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.syschroot.Syschroot;

/** Runs the jobs of a queue, some at a time. For one run. */
final class JobScheduler {
  private static final long LOOK_AGAIN_MILLIS = 200;

  private final Syschroot syschroot;
  private final JobQueue queue;
  private final int slots;
  private final Consumer<String> log;
  private final Semaphore free;
  private final ExecutorService pool;
  private final AtomicReference<IOException> failure = new AtomicReference<>();
  private boolean stopped;

  JobScheduler(Syschroot syschroot, JobQueue queue, int slots, Consumer<String> log) {
    this.syschroot = syschroot;
    this.queue = queue;
    this.slots = slots;
    this.log = log;
    this.free = new Semaphore(slots);
    this.pool = Executors.newFixedThreadPool(slots);
  }

  /**
   * Runs jobs.
   *
   * @param untilEmpty whether to return when no job is left, else never
   * @throws IOException if the queue's files fail; then no further job is begun
   */
  void run(boolean untilEmpty) throws IOException, InterruptedException {
    try {
      while (failure.get() == null) {
        free.acquire();
        Optional<ClaimedJob> job = queue.claim();
        if (job.isPresent()) {
          pool.execute(() -> attend(job.get()));
          continue;
        }
        free.release();
        if (untilEmpty && free.availablePermits() == slots) {
          break;
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_AGAIN_MILLIS);
      }
    } finally {
      pool.shutdown();
      pool.awaitTermination(Long.MAX_VALUE, TimeUnit.DAYS);
    }
    if (failure.get() != null) {
      throw failure.get();
    }
  }

  private void attend(ClaimedJob claimed) {
    try {
      Job job = JobFile.parse(Files.readString(claimed.file()));
      log.accept(claimed.name() + ": begins in " + job.image());
      finish(claimed, new JobExecution(syschroot, claimed, job).run());
    } catch (JobFormatException | CharacterCodingException e) {
      reject(claimed, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      failure.compareAndSet(null, e);
    } catch (InterruptedException | RuntimeException e) {
      failure.compareAndSet(null, new IOException(claimed.name() + ": " + e, e));
    } finally {
      free.release();
    }
  }

  private void reject(ClaimedJob claimed, String reason) {
    try {
      queue.reject(claimed, reason);
      log.accept(claimed.name() + ": rejected: " + reason);
    } catch (IOException e) {
      failure.compareAndSet(null, e);
    }
  }

  private synchronized void finish(ClaimedJob claimed, JobOutcome outcome) throws IOException {
    if (!stopped) { // else we have killed it ourselves, which is no result
      queue.finish(claimed, outcome);
      log.accept(claimed.name() + ": " + outcome.how() + " with status " + outcome.status());
    }
  }

  /** Called when this JVM is to end: what runs is killed, and begins again with the next runner. */
  synchronized void stop() {
    stopped = true;
    ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
  }
}
