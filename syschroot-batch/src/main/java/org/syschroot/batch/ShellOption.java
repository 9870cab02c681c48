// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * The choice of a job's shell by {@code -S}, which Torque and Grid Engine share: a shell that the
 * user asks for is replaced by its launcher, and without one a launcher is added. On the command
 * line, since that counts more than what stands in the script.
 */
final class ShellOption {
  private final String program;
  private final String directivePrefix;
  private final String option;

  ShellOption(String program, String directivePrefix) {
    this(program, directivePrefix, "-S");
  }

  /**
   * Creates the choice.
   *
   * @param directivePrefix with which lines of a script begin that have options; may be empty
   * @param option the option, a dash and a letter
   */
  ShellOption(String program, String directivePrefix, String option) {
    this.program = program;
    this.directivePrefix = directivePrefix;
    this.option = option;
  }

  Submission choose(BatchJob job, ScannedOptions scanned, boolean firstLineCounts)
      throws IOException {
    Optional<ScannedOptions.Option> given = scanned.last(option.substring(1), option.substring(1));
    if (given.isPresent()) {
      HostPath launcher = job.shellAskedFor(single(given.get().value().get()));
      return Submission.by(
          launcher,
          Submission.words(program, List.of(), scanned.replace(given.get(), launcher.value())));
    }
    HostPath launcher = launcher(job, scanned, firstLineCounts);
    return Submission.by(
        launcher,
        Submission.words(
            program, List.of(OsString.of(option), launcher.value()), scanned.arguments()));
  }

  private HostPath launcher(BatchJob job, ScannedOptions scanned, boolean firstLineCounts)
      throws IOException {
    if (scanned.script().isPresent()) {
      byte[] script = job.scripts().read(scanned.script().get());
      Optional<OsString> asked =
          directivePrefix.isEmpty()
              ? Optional.empty()
              : Directives.value(script, directivePrefix, option);
      if (asked.isPresent()) {
        return job.shellAskedFor(single(asked.get()));
      }
      Optional<ScriptInterpreter> interpreter = ScriptInterpreter.of(script);
      if (firstLineCounts && interpreter.isPresent()) {
        return job.shellAskedFor(interpreter.get().program());
      }
    }
    return job.anyShell();
  }

  /** Both take a list with a shell for each host, but all hosts have the same launchers. */
  private OsString single(OsString shell) throws SubmissionException {
    if (shell.indexOf(',') >= 0 || shell.indexOf('@') >= 0 || shell.indexOf(':') >= 0) {
      throw new SubmissionException(
          option + " " + shell + ": give one shell for all hosts, without commas, \":\" and \"@\"");
    }
    return shell;
  }
}
