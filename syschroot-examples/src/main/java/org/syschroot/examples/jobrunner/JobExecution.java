// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.TimeUnit;
import org.syschroot.Syschroot;
import org.syschroot.examples.jobrunner.JobOutcome.How;
import org.syschroot.path.OsString;
import org.syschroot.plan.Limit;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.spawn.Spawn;
import org.syschroot.spawn.SwitchedProcess;

/**
 * Runs one job. For one run.
 *
 * <p>The image's shell waits for a word before it becomes the command. The word is given when the
 * process is limited, and written down on the disk: so no command begins without its limits, and
 * none runs that a later runner would not find. If this runner is killed before, the shell reads
 * the end of its input and ends.
 */
final class JobExecution {
  private static final List<String> GATE =
      List.of("/bin/sh", "-c", "read go && exec \"$@\"", "job");
  private static final Map<String, String> ENVIRONMENT =
      Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  private static final byte[] GO = {'\n'};

  private final Syschroot syschroot;
  private final ClaimedJob claimed;
  private final Job job;

  JobExecution(Syschroot syschroot, ClaimedJob claimed, Job job) {
    this.syschroot = syschroot;
    this.claimed = claimed;
    this.job = job;
  }

  /**
   * Runs it until it has ended, or its time has.
   *
   * @throws IOException if something cannot be written down; then nothing of it is left running
   */
  JobOutcome run() throws IOException, InterruptedException {
    DurableFiles.write(claimed.output(), ""); // with its mode, which a redirection leaves
    SwitchedProcess process;
    try {
      process = prepare().start();
    } catch (SwitchException e) {
      return notStarted(e.kind().exitStatus(), e);
    } catch (NoSuchElementException | IllegalArgumentException e) {
      return notStarted(SwitchException.Kind.FAILED.exitStatus(), e);
    }
    try {
      claimed.record(ProcessTree.of(process.pid()));
      long began = System.nanoTime();
      begin(process);
      boolean inTime = process.waitFor(job.timeout().toMillis(), TimeUnit.MILLISECONDS);
      int status = process.destroyForcibly().waitFor();
      Duration time = Duration.ofNanos(System.nanoTime() - began);
      return new JobOutcome(inTime ? How.EXITED : How.TIMED_OUT, status, time, "");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static JobOutcome notStarted(int status, Exception why) {
    return new JobOutcome(How.NOT_STARTED, status, Duration.ZERO, String.valueOf(why.getMessage()));
  }

  private static void begin(SwitchedProcess process) {
    try (OutputStream gate = process.getOutputStream()) {
      gate.write(GO);
    } catch (IOException endedBefore) {
      // Killed for its limits, perhaps: its exit status tells.
    }
  }

  private Spawn prepare() {
    List<String> words = new ArrayList<>(GATE);
    words.addAll(job.command());
    SwitchRequest request =
        SwitchRequest.in(syschroot.image(job.image()))
            .command(words.stream().map(OsString::of).toList())
            .directory(job.directory())
            .emptyEnvironment(true)
            .environment(ENVIRONMENT)
            .environment(job.environment());
    if (job.identity().isPresent()) {
      request = request.identity(job.identity().get());
    }
    Spawn spawn =
        syschroot
            .prepare(request)
            .redirectOutput(Redirect.to(claimed.output().toFile()))
            .redirectErrorStream(true)
            .ownPidNamespace(true);
    for (Map.Entry<Limit, Long> limit : job.limits().entrySet()) {
      spawn = spawn.limit(limit.getKey(), limit.getValue());
    }
    return spawn;
  }
}
