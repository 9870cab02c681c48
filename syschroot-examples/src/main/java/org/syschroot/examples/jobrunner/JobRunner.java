// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.Callable;
import org.syschroot.Syschroot;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Runs the jobs of a directory, each in its image: {@code job-runner /var/spool/jobs}. Needs root.
 *
 * <p>It may be killed at any moment. When it runs again, jobs that had finished are not repeated;
 * what is left of one that was interrupted is killed, and it begins again.
 */
@Command(
    name = "job-runner",
    description = "Runs the jobs of a directory, each in its image.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class JobRunner implements Callable<Integer> {
  private static final int FAILED = 1;
  private static final int WRONG_USAGE = 2;

  @Option(
      names = "--config",
      paramLabel = "DIR",
      description = "The images' configuration; default: ${DEFAULT-VALUE}.")
  private Path config = Path.of("/etc/syschroot");

  @Option(
      names = "--slots",
      paramLabel = "N",
      description = "How many jobs at a time; default: one a processor.")
  private int slots = Runtime.getRuntime().availableProcessors();

  @Option(names = "--until-empty", description = "End when no job is left.")
  private boolean untilEmpty;

  @Parameters(paramLabel = "QUEUE", description = "The directory with the jobs; only root's.")
  private Path directory = Path.of(".");

  private final PrintStream err;

  JobRunner(PrintStream err) {
    this.err = err;
  }

  /** Runs it. */
  public static void main(String... arguments) {
    System.exit(new CommandLine(new JobRunner(System.err)).execute(arguments));
  }

  @Override
  public Integer call() throws InterruptedException {
    if (slots < 1) {
      log("--slots must be 1 or more");
      return WRONG_USAGE;
    }
    Path place = directory.toAbsolutePath().normalize();
    try {
      JobQueue.requireOwn(place);
      return runLocked(place);
    } catch (IOException e) {
      log(String.valueOf(e.getMessage()));
      return FAILED;
    }
  }

  private int runLocked(Path place) throws IOException, InterruptedException {
    Path file = place.resolve("lock");
    try (FileChannel channel =
            FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(
                    PosixFilePermissions.fromString("rw-------")));
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        log("another runner has the queue " + place);
        return FAILED;
      }
      run(JobQueue.open(place));
      return 0;
    }
  }

  private void run(JobQueue queue) throws IOException, InterruptedException {
    Syschroot syschroot = Syschroot.load(config);
    new Recovery(queue).run().forEach(this::log);
    JobScheduler scheduler = new JobScheduler(syschroot, queue, slots, this::log);
    Runtime.getRuntime().addShutdownHook(new Thread(scheduler::stop));
    scheduler.run(untilEmpty);
  }

  private void log(String line) {
    err.println("job-runner: " + line);
  }
}
