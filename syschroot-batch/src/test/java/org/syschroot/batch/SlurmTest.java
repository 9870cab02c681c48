// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.path.OsString;

/** How sbatch is called; that it then does what is expected is shown with a real Slurm. */
class SlurmTest {
  private static Submission submission(Jobs jobs, String arguments) throws Exception {
    return Slurm.INSTANCE.submission(
        jobs.job(arguments.isEmpty() ? new String[0] : arguments.split(" ")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "#!/bin/bash; #!/bin4/bash",
        "#! /usr/bin/bash  -e; #!/bin4/bash -e",
        "#!/usr/bin/env bash; #!/bin4/bash",
        "#!/usr/bin/python3; #!/bin4/sl4 /usr/bin/python3",
        "#!/usr/bin/env python3; #!/bin4/sl4 python3",
      })
  void submission_nativeInterpreter_isReplacedByALauncher(String before, String after)
      throws Exception {
    Jobs jobs = Jobs.withLaunchers("bash", "sl4").script("d/job.sh", before + "\ndate\n");

    Submission submission = submission(jobs, "-n 2 d/job.sh a");

    assertThat(Jobs.words(submission)).isEqualTo("sbatch|--job-name=job.sh|-n|2|/dev/stdin|a");
    assertThat(submission.script().get()).hasToString(after + "\ndate\n");
    assertThat(submission.script().get().path()).contains(OsString.of("d/job.sh"));
  }

  @Test
  void submission_launcherAsInterpreter_isLeftAlone() throws Exception {
    Jobs jobs = Jobs.withLaunchers("sh").script("job.sh", "#!/bin4/sh -e\n");

    Submission submission = submission(jobs, "--array 1-50 job.sh");

    assertThat(Jobs.words(submission)).isEqualTo("sbatch|--array|1-50|job.sh");
    assertThat(submission.script()).isEmpty();
    assertThat(submission.launcher()).hasToString(Optional.of("/bin4/sh").toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "-J mine job.sh; sbatch|-J|mine|/dev/stdin",
        "--job-name=mine job.sh; sbatch|--job-name=mine|/dev/stdin",
        "--job mine job.sh; sbatch|--job|mine|/dev/stdin",
        "-HJmine job.sh; sbatch|-HJmine|/dev/stdin",
        "named.sh; sbatch|/dev/stdin",
        "--hold --wait --exclusive job.sh; "
            + "sbatch|--job-name=job.sh|--hold|--wait|--exclusive|/dev/stdin",
        "-n1 : -n2 job.sh : a; sbatch|--job-name=job.sh|-n1|:|-n2|/dev/stdin|:|a",
        "-n 1 : -n 2 : -J mine job.sh; sbatch|-n|1|:|-n|2|:|-J|mine|/dev/stdin",
        ": -n2 job.sh; sbatch|--job-name=job.sh|:|-n2|/dev/stdin",
        "-- job.sh -J x; sbatch|--job-name=job.sh|--|/dev/stdin|-J|x",
      })
  void submission_jobsName_isTheUsersElseTheScripts(String arguments, String expected)
      throws Exception {
    Jobs jobs =
        Jobs.withLaunchers("sh")
            .script("job.sh", "#!/bin/sh\n")
            .script("named.sh", "#!/bin/sh\n#SBATCH -n 2 --job-name=given\n");

    assertThat(Jobs.words(submission(jobs, arguments))).isEqualTo(expected);
  }

  @Test
  void submission_scriptOnStandardInput_isReplacedThere() throws Exception {
    Jobs jobs = Jobs.withLaunchers("sh").standardInput("#!/bin/sh\ndate");

    Submission submission = submission(jobs, "-n 2");

    assertThat(Jobs.words(submission)).isEqualTo("sbatch|-n|2");
    assertThat(submission.script().get()).hasToString("#!/bin4/sh\ndate");
    assertThat(submission.script().get().path()).isEmpty();
  }

  @Test
  void submission_wrap_runsTheCommandByALauncher() throws Exception {
    Jobs jobs = Jobs.withLaunchers("sh");

    assertThat(
            Jobs.words(Slurm.INSTANCE.submission(jobs.job("-n", "2", "--wrap", "date; echo 'a'"))))
        .isEqualTo("sbatch|-n|2|--wrap|/bin4/sh -c 'date; echo '\\''a'\\'''");
    assertThat(Jobs.words(submission(jobs, "--wrap=date")))
        .isEqualTo("sbatch|--wrap=/bin4/sh -c date");
    assertThat(Jobs.words(submission(jobs, "-n1 --wrap date : -n2")))
        .isEqualTo("sbatch|-n1|--wrap|/bin4/sh -c date|:|-n2");
  }

  @Test
  void submission_questionToSbatch_isPassedOn() throws Exception {
    Submission submission = submission(Jobs.withLaunchers("sh"), "-n 2 --help");

    assertThat(Jobs.words(submission)).isEqualTo("sbatch|-n|2|--help");
    assertThat(submission.launcher()).isEmpty();
  }

  @Test
  void submission_whatCannotBeDone_isRefused() {
    Jobs jobs =
        Jobs.withLaunchers("sl4")
            .script("text.sh", "date\n")
            .script("argument.sh", "#!/bin/ksh -e\n");

    assertThatThrownBy(() -> submission(jobs, "text.sh"))
        .isInstanceOf(SubmissionException.class)
        .hasMessageStartingWith("text.sh does not begin with #!");
    assertThatThrownBy(() -> submission(jobs, "argument.sh"))
        .hasMessageStartingWith("the script's first line \"#!/bin/ksh -e\" has an argument");
    assertThatThrownBy(
            () -> submission(Jobs.withLaunchers("bash").script("job.sh", "#!/bin/ksh\n"), "job.sh"))
        .hasMessageStartingWith("sl4 has no launcher for ksh");
  }
}
