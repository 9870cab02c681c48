// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountOption;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.quote.ShellQuote;

/**
 * Slurm. A node executes the job's script, so the interpreter that its first line names must be a
 * launcher; where it is not, sbatch is given a copy in which it is, on standard input.
 *
 * @see <a href="https://slurm.schedmd.com/sbatch.html">sbatch(1)</a>
 */
public final class Slurm implements Scheduler {
  static final Slurm INSTANCE = new Slurm();

  // sbatch(1): options that take no value, or only one attached by "=".
  private static final OptionSyntax SYNTAX =
      OptionSyntax.getopt(
              "HhkOQsvVW",
              Set.of(
                  "contiguous",
                  "exclusive",
                  "get-user-env",
                  "help",
                  "hold",
                  "ignore-pbs",
                  "nice",
                  "no-kill",
                  "no-requeue",
                  "overcommit",
                  "oversubscribe",
                  "parsable",
                  "propagate",
                  "quiet",
                  "reboot",
                  "requeue",
                  "spread-job",
                  "test-only",
                  "usage",
                  "use-min-nodes",
                  "verbose",
                  "version",
                  "wait"))
          .withComponents();
  // With these sbatch only says something.
  private static final Set<String> NO_JOB = Set.of("h", "help", "usage", "V", "version");
  private static final OsString STANDARD_INPUT = OsString.of("/dev/stdin");

  private Slurm() {}

  @Override
  public String name() {
    return "slurm";
  }

  @Override
  public String program() {
    return "sbatch";
  }

  @Override
  public Submission submission(BatchJob job) throws IOException {
    ScannedOptions scanned = SYNTAX.scan(job.arguments());
    if (scanned.options().stream().anyMatch(option -> NO_JOB.contains(option.name()))) {
      return new Submission(
          Submission.words(program(), List.of(), job.arguments()),
          Optional.empty(),
          Optional.empty());
    }
    Optional<ScannedOptions.Option> wrap = scanned.last("wrap", "wrap");
    if (wrap.isPresent()) {
      return wrapped(job, scanned, wrap.get());
    }
    Optional<OsString> path = scanned.script();
    byte[] script =
        path.isPresent() ? job.scripts().read(path.get()) : job.scripts().readStandardInput();
    ScriptInterpreter interpreter =
        ScriptInterpreter.of(script)
            .orElseThrow(
                () ->
                    new SubmissionException(
                        path.map(OsString::toString).orElse("the script on standard input")
                            + " does not begin with #!, which Slurm requires: write"
                            + " \"#!/bin/sh\" in its first line"));
    if (path.isPresent() && job.isLauncher(interpreter.path())) {
      return Submission.by(
          HostPath.of(interpreter.path()), Submission.words(program(), List.of(), job.arguments()));
    }
    ScriptInterpreter launcher =
        job.isLauncher(interpreter.path()) ? interpreter : interpreter.in(job);
    List<OsString> name = new ArrayList<>();
    if (path.isPresent() && !isNamed(scanned, script)) {
      name.add(OsString.of("--job-name=").plus(path.get().baseName()));
    }
    return Submission.by(
            HostPath.of(launcher.path()),
            Submission.words(
                program(),
                name,
                path.isPresent() ? scanned.withScript(STANDARD_INPUT) : scanned.arguments()))
        .with(EditedScript.of(path, script, launcher.line()));
  }

  /** A command instead of a script: sbatch makes one of the native system's shell. */
  private Submission wrapped(BatchJob job, ScannedOptions scanned, ScannedOptions.Option wrap)
      throws SubmissionException {
    HostPath launcher = job.anyShell();
    OsString command =
        launcher.value().plus(OsString.of(" -c ")).plus(ShellQuote.of(wrap.value().get()));
    return Submission.by(
        launcher, Submission.words(program(), List.of(), scanned.replace(wrap, command)));
  }

  /** What the user calls the job counts; without a name it is the script's. */
  private static boolean isNamed(ScannedOptions scanned, byte[] script) {
    return scanned.last("J", "job-name").isPresent()
        || SYNTAX.scan(Directives.of(script, "#SBATCH")).last("J", "job-name").isPresent();
  }

  /**
   * Writable: PMIx keeps files of the job there, which are the user's and which programs of the job
   * write to. What belongs to root in it stays root's, as on the node itself.
   */
  @Override
  public List<BindMount> spool(SchedulerFiles host) {
    return SlurmConfiguration.of(host).spoolDirectories().stream()
        .map(directory -> BindMount.of(HostPath.of(directory), MountOption.OPTIONAL))
        .toList();
  }

  @Override
  public Set<String> privateDirectories(SchedulerFiles host) {
    return SlurmConfiguration.of(host).privateDirectories();
  }
}
