// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
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
    assertThat(Scheduler.names())
        .isEqualTo("slurm, torque, pbs, openpbs, gridengine, sge, htcondor, lsf, flux, oar");
    assertThat(Scheduler.all()).allMatch(one -> Scheduler.of(one.name()).get() == one);
    assertThat(Scheduler.of("condor")).isEmpty();
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
        .hasMessageStartingWith("sl4 has no launchers, and \"qsub -D\" ignores its other settings");
  }

  @Test
  void torque_shellWithoutLauncherOrForSomeHosts_isRefused() {
    Jobs jobs = Jobs.withLaunchers("sh");

    assertThatThrownBy(() -> command(Torque.INSTANCE, jobs, "-S /bin/ksh job.sh"))
        .hasMessage(
            "sl4 has no launcher for ksh: the administrator must add it to [launchers] in the"
                + " configuration file of the image, then: \"syschroot link sl4\"");
    assertThatThrownBy(() -> command(Torque.INSTANCE, jobs, "-S /bin/sh@a,/bin/ksh job.sh"))
        .hasMessageStartingWith("-S /bin/sh@a,/bin/ksh: give one shell");
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
        .hasMessageStartingWith("\"-shell no\" starts the command without a shell");
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

  /** OpenPBS has no -D. */
  @Test
  void pbs_names_areTorqueWithoutChangeOfRoot() throws Exception {
    Jobs jobs = Jobs.withLaunchers("bash").script("job.sh", "date\n");

    for (String name : List.of("pbs", "openpbs")) {
      Scheduler scheduler = Scheduler.of(name).get();
      assertThat(command(scheduler, jobs, "-N x job.sh"))
          .isEqualTo("qsub|-S|/bin4/bash|-N|x|job.sh");
      assertThatThrownBy(() -> command(scheduler, Jobs.withLaunchers(), "job.sh"))
          .hasMessageStartingWith("sl4 has no launcher for a shell");
    }
    assertThat(command(Scheduler.of("sge").get(), jobs, "-cwd job.sh"))
        .isEqualTo("qsub|-S|/bin4/bash|-cwd|job.sh");
  }

  /** "command can be anything that is provided to a UNIX Bourne shell" (bsub, command). */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '"',
      value = {
        "-n 4 -q long ./job.sh a; bsub|-n|4|-q|long|/bin4/sl4|./job.sh|a",
        "-K -Is -R span[hosts=1] prog -x; bsub|-K|-Is|-R|span[hosts=1]|/bin4/sl4|prog|-x",
        "-J a date&uname; bsub|-J|a|/bin4/sl4|/bin/sh|-c|'date&uname'",
        "-x echo $HOME 2>log; bsub|-x|/bin4/sl4|/bin/sh|-c|'echo $HOME 2>log'",
      })
  void lsf_command_isStartedByTheImageLauncher(String arguments, String expected) throws Exception {
    assertThat(command(KnownDefinitions.LSF, Jobs.withLaunchers("sl4", "sh"), arguments))
        .isEqualTo(expected);
  }

  @Test
  void lsf_scriptOnStandardInput_hasALauncherInItsFirstLine() throws Exception {
    Jobs jobs = Jobs.withLaunchers("sl4", "sh").standardInput("#!/bin/sh\n#BSUB -n 2\ndate\n");

    Submission submission = KnownDefinitions.LSF.submission(jobs.job("-q", "long"));

    assertThat(Jobs.words(submission)).isEqualTo("bsub|-q|long");
    assertThat(submission.script().get()).hasToString("#!/bin4/sh\n#BSUB -n 2\ndate\n");
    assertThatThrownBy(
            () -> command(KnownDefinitions.LSF, Jobs.withLaunchers("sh"), "-n 2 ./job.sh"))
        .hasMessageStartingWith("sl4 has no launcher for the whole image");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "-N2 -n 4 ./solver -v; flux|submit|-N2|-n|4|/bin4/sl4|./solver|-v",
        "--exclusive --ntasks=4 -vl a;flux|submit|--exclusive|--ntasks=4|-vl|/bin4/sl4|a",
        "-- echo $HOME; flux|submit|--|/bin4/sl4|echo|$HOME",
      })
  void flux_tasks_areStartedByTheImageLauncher(String arguments, String expected) throws Exception {
    assertThat(command(KnownDefinitions.FLUX, Jobs.withLaunchers("sl4"), arguments))
        .isEqualTo(expected);
  }

  @Test
  void oar_command_isOneWordForAShell() throws Exception {
    Jobs jobs = Jobs.withLaunchers("sl4");

    assertThat(
            Jobs.words(
                KnownDefinitions.OAR.submission(
                    jobs.job("-l", "nodes=2", "./job.sh a b", "--array", "10"))))
        .isEqualTo("oarsub|-l|nodes=2|/bin4/sl4 ./job.sh a b|--array|10");
    assertThat(Jobs.words(KnownDefinitions.OAR.submission(jobs.job("-q", "x", "date; uname"))))
        .isEqualTo("oarsub|-q|x|/bin4/sl4 /bin/sh -c 'date; uname'");
    assertThatThrownBy(() -> command(KnownDefinitions.OAR, jobs, "-S job.sh"))
        .hasMessageStartingWith("-S of oarsub does not work with a launcher");
    assertThatThrownBy(() -> command(KnownDefinitions.OAR, jobs, "-l nodes=2"))
        .hasMessage("name the command of the job behind the options of oarsub");
  }
}
