// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The exact commands, against the documentation of each scheduler: qsub(1B) of Torque 6.1
 * (docs.adaptivecomputing.com), sge_submit(1) of Grid Engine 8.1, condor_submit(1) of HTCondor 23,
 * sbatch(1) of Slurm 22.05.
 */
class SchedulerTest {
  private static String command(Scheduler scheduler, Jobs jobs, String arguments) throws Exception {
    return Jobs.words(scheduler.submission(jobs.job(arguments.split(" "))));
  }

  @Test
  void of_allNames_areKnown() {
    assertThat(Scheduler.names()).isEqualTo("torque, slurm, gridengine, htcondor");
    assertThat(Scheduler.all()).allMatch(one -> Scheduler.of(one.name()).get() == one);
    assertThat(Scheduler.of("pbs")).isEmpty();
  }

  /** "-S path_list: Declares the shell that interprets the job script." */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "job.sh; qsub|-S|/bin4/bash|job.sh",
        "-N name -l nodes=1:ppn=4 job.sh; qsub|-S|/bin4/bash|-N|name|-l|nodes=1:ppn=4|job.sh",
        "-S /bin/csh job.sh; qsub|-S|/bin4/csh|job.sh",
        "-V -S /bin4/csh job.sh; qsub|-V|-S|/bin4/csh|job.sh",
        "-S/bin/csh job.sh; qsub|-S/bin4/csh|job.sh",
        "-VS /bin/csh job.sh; qsub|-VS|/bin4/csh|job.sh",
        "-I; qsub|-S|/bin4/bash|-I",
        "directive.sh; qsub|-S|/bin4/csh|directive.sh",
        "-N x -- directive.sh; qsub|-S|/bin4/csh|-N|x|--|directive.sh",
      })
  void torque_launchers_becomeTheJobsShell(String arguments, String expected) throws Exception {
    Jobs jobs =
        Jobs.withLaunchers("sh", "bash", "csh")
            .script("job.sh", "#!/bin/csh\n")
            .script("directive.sh", "#!/bin/sh\n#PBS -N n\n#PBS -l walltime=1 -S /bin/csh\n");

    assertThat(command(Torque.INSTANCE, jobs, arguments)).isEqualTo(expected);
  }

  @Test
  void torque_onlyAnImageLauncher_isTheJobsShell() throws Exception {
    Jobs jobs = Jobs.withLaunchers("sl4").script("job.sh", "date\n");

    assertThat(command(Torque.INSTANCE, jobs, "job.sh")).isEqualTo("qsub|-S|/bin4/sl4|job.sh");
  }

  /** "-D path: Defines the root directory to be used for the job." */
  @Test
  void torque_withoutLaunchers_changesRootItself() throws Exception {
    assertThat(command(Torque.INSTANCE, Jobs.withLaunchers(), "-q long job.sh"))
        .isEqualTo("qsub|-D|/sysroot/SL4|-q|long|job.sh");
    assertThatThrownBy(
            () -> command(Torque.INSTANCE, Jobs.withLaunchers().withFurtherSettings(), "job.sh"))
        .isInstanceOf(SubmissionException.class)
        .hasMessageStartingWith("sl4 has no launchers, and qsub -D only changes root");
  }

  @Test
  void torque_shellWithoutLauncherOrForSomeHosts_isRefused() {
    Jobs jobs = Jobs.withLaunchers("sh");

    assertThatThrownBy(() -> command(Torque.INSTANCE, jobs, "-S /bin/ksh job.sh"))
        .hasMessage(
            "sl4 has no launcher for ksh: let the administrator add it to [launchers] in the"
                + " image's file and call \"syschroot link sl4\"");
    assertThatThrownBy(() -> command(Torque.INSTANCE, jobs, "-S /bin/sh@a,/bin/ksh job.sh"))
        .hasMessageStartingWith("-S /bin/sh@a,/bin/ksh: name one shell");
  }

  /** "-S [host:]pathname: specifies the interpreting shell for the job." */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "job.sh; qsub|-S|/bin4/csh|job.sh",
        "text.sh; qsub|-S|/bin4/bash|text.sh",
        "-cwd -V -pe mpi 4 -t 1-50 job.sh a; qsub|-S|/bin4/csh|-cwd|-V|-pe|mpi|4|-t|1-50|job.sh|a",
        "-S /bin/bash job.sh; qsub|-S|/bin4/bash|job.sh",
        "directive.sh; qsub|-S|/bin4/sh|directive.sh",
        "-b y -cwd hostname; qsub|-S|/bin4/bash|-b|y|-cwd|hostname",
      })
  void gridEngine_launchers_becomeTheJobsShell(String arguments, String expected) throws Exception {
    Jobs jobs =
        Jobs.withLaunchers("sh", "bash", "csh")
            .script("job.sh", "#!/bin/csh -f\n")
            .script("text.sh", "date\n")
            .script("directive.sh", "#!/bin/csh\n#$ -cwd -S /bin/sh\n");

    assertThat(command(GridEngine.INSTANCE, jobs, arguments)).isEqualTo(expected);
  }

  @Test
  void gridEngine_withoutShell_isRefused() {
    assertThatThrownBy(
            () -> command(GridEngine.INSTANCE, Jobs.withLaunchers("sh"), "-b y -shell n date"))
        .hasMessageStartingWith("with -shell no the command is started without a shell");
  }

  /** "-append command: augment the commands in the submit description file". */
  @Test
  void htCondor_image_isAnAttributeOfTheJob() throws Exception {
    assertThat(command(HtCondor.INSTANCE, Jobs.withLaunchers("sl4"), "-spool job.sub"))
        .isEqualTo("condor_submit|-append|+SyschrootImage = \"sl4\"|-spool|job.sub");
    assertThatThrownBy(() -> command(HtCondor.INSTANCE, Jobs.withLaunchers("sh"), "job.sub"))
        .hasMessageStartingWith("sl4 has no launcher for the whole image");
  }

  @Test
  void nodeCheck_everyScheduler_hasOne() {
    assertThat(Scheduler.all())
        .allSatisfy(
            one -> assertThat(one.nodeCheck()).startsWith("#!/bin/sh\n").contains("@STATUS@"));
  }
}
