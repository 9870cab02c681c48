// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.syschroot.config.FileTrust;
import org.syschroot.path.UntrustedException;

/**
 * The directory with the jobs. Where a job is says what has become of it, and each change is one
 * rename, which is on the disk before the next:
 *
 * <ul>
 *   <li>{@code new/NAME.toml}: waits. Submit a job by renaming its file to there.
 *   <li>{@code running/NAME/}: has been begun. {@code job.toml} is the job, {@code process} its
 *       processes, {@code output} what they write, {@code result.toml} how it ended: as soon as
 *       that is there the job is finished, and never runs again.
 *   <li>{@code done/NAME/}: the same, tidied away.
 *   <li>{@code rejected/NAME.toml}: was not to be understood; {@code NAME.reason} says why.
 * </ul>
 *
 * <p>For one runner. Thread-safe.
 */
final class JobQueue {
  private static final Pattern JOB = Pattern.compile("([A-Za-z0-9][A-Za-z0-9._-]*)\\.toml");

  private final Path waiting;
  private final Path running;
  private final Path done;
  private final Path rejected;

  private JobQueue(Path directory) {
    this.waiting = directory.resolve("new");
    this.running = directory.resolve("running");
    this.done = directory.resolve("done");
    this.rejected = directory.resolve("rejected");
  }

  /**
   * Opens a queue, and makes what is missing of it.
   *
   * @throws IOException if others than this user and root can write to one of its directories
   */
  static JobQueue open(Path directory) throws IOException {
    JobQueue queue = new JobQueue(directory);
    for (Path each : List.of(queue.waiting, queue.running, queue.done, queue.rejected)) {
      if (!Files.exists(each, LinkOption.NOFOLLOW_LINKS)) {
        DurableFiles.makeDirectory(each);
      }
      requireOwn(each);
    }
    for (ClaimedJob job : queue.begun()) {
      requireOwn(job.directory());
    }
    DurableFiles.force(directory);
    return queue;
  }

  /** Who may write there decides what root runs. */
  static void requireOwn(Path directory) throws IOException {
    FileTrust.ofThisProcess().check(directory.toAbsolutePath());
  }

  /** Takes the next job by name, which is running from now on. Empty if none waits. */
  synchronized Optional<ClaimedJob> claim() throws IOException {
    for (String name : waiting()) {
      ClaimedJob job = new ClaimedJob(name, running.resolve(name));
      Path file = waiting.resolve(name + ".toml");
      if (Files.exists(done.resolve(name)) || Files.exists(job.directory())) {
        reject(file, name, "there is a job of that name already: choose another name");
        continue;
      }
      try {
        requireOwn(file);
      } catch (UntrustedException e) {
        reject(file, name, String.valueOf(e.getMessage()));
        continue;
      }
      DurableFiles.makeDirectory(job.directory());
      DurableFiles.force(running);
      DurableFiles.rename(file, job.file());
      return Optional.of(job);
    }
    return Optional.empty();
  }

  private List<String> waiting() throws IOException {
    try (Stream<Path> files = Files.list(waiting)) {
      return files
          .map(file -> JOB.matcher(file.getFileName().toString()))
          .filter(Matcher::matches)
          .map(matcher -> matcher.group(1))
          .sorted()
          .toList();
    }
  }

  private void reject(Path file, String name, String reason) throws IOException {
    DurableFiles.write(rejected.resolve(name + ".reason"), reason + "\n");
    DurableFiles.rename(file, rejected.resolve(name + ".toml"));
  }

  /** Puts a job aside that cannot be understood. */
  synchronized void reject(ClaimedJob job, String reason) throws IOException {
    reject(job.file(), job.name(), reason);
    discard(job);
  }

  /** Ends a job: from the moment that its result is on the disk it will not run again. */
  void finish(ClaimedJob job, JobOutcome outcome) throws IOException {
    if (Files.exists(job.output())) {
      DurableFiles.force(job.output());
    }
    DurableFiles.write(job.result(), outcome.text());
    tidyAway(job);
  }

  /** Returns the jobs that have been begun and are not tidied away. */
  List<ClaimedJob> begun() throws IOException {
    try (Stream<Path> directories = Files.list(running)) {
      return directories
          .map(directory -> new ClaimedJob(directory.getFileName().toString(), directory))
          .sorted(Comparator.comparing(ClaimedJob::name))
          .toList();
    }
  }

  /** Files a finished job with the others. */
  synchronized void tidyAway(ClaimedJob job) throws IOException {
    DurableFiles.rename(job.directory(), done.resolve(job.name()));
  }

  /** Lets a job wait again, as if it had never been begun. Its processes must be gone. */
  synchronized void giveBack(ClaimedJob job) throws IOException {
    DurableFiles.rename(job.file(), waiting.resolve(job.name() + ".toml"));
    discard(job);
  }

  /** Removes what is left of a job that is somewhere else now. */
  synchronized void discard(ClaimedJob job) throws IOException {
    try (Stream<Path> files = Files.list(job.directory())) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(job.directory());
    DurableFiles.force(running);
  }
}
