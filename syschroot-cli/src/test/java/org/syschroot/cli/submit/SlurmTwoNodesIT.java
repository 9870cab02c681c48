// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.cli.Outcome;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/**
 * Jobs of all kinds in images, under a real Slurm with two nodes: images, launchers and homes are
 * on what both share, mounts are each node's own.
 */
@RequiresRoot
@RequiresCommand({
  "debootstrap",
  "slurmctld",
  "slurmd",
  "sbatch",
  "munged",
  "setpriv",
  "nsenter",
  "script",
  "gcc",
  "ip"
})
class SlurmTwoNodesIT {
  private static SlurmCluster cluster;
  private static List<String> mountsBefore;

  @BeforeAll
  static void startCluster() throws Exception {
    mountsBefore = Files.readAllLines(Path.of("/proc/self/mountinfo"));
    cluster = SlurmCluster.start("two-nodes", "pmix");
  }

  @AfterAll
  static void stopCluster() throws Exception {
    if (cluster != null) {
      cluster.stop();
      assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo"))).isEqualTo(mountsBefore);
    }
  }

  @BeforeEach
  void removeFiles() throws Exception {
    cluster.sh("rm -f /tmp/alice/*");
  }

  @Test
  void srun_twoNodes_eachEntersItsOwnMounts() throws Exception {
    cluster.alice("echo first > /tmp/of-node1");
    String step = "uname -m; uname -n; ls /tmp/of-node1 2>/dev/null || echo none";

    String output = cluster.alice("srun --quiet -l -N2 -n2 /mnt/bin4/deb sh -c '" + step + "'");

    assertThat(output.lines())
        .containsExactlyInAnyOrder(
            "0: i686", "0: node1", "0: /tmp/of-node1", "1: i686", "1: node2", "1: none");
  }

  @Test
  void sbatch_secondNode_findsTheScriptInItsOwnSpool() throws Exception {
    cluster.script("job.sh", "#!/mnt/bin4/sh\nuname -m; uname -n; echo $0\n");

    assertThat(cluster.stateAtEnd("sbatch --parsable --nodelist=node2 --output=out job.sh"))
        .isEqualTo("COMPLETED");

    assertThat(cluster.sh("cat /tmp/alice/out"))
        .startsWith("i686\nnode2\n/mnt/spool/node2/job")
        .endsWith("/slurm_script\n");
  }

  @Test
  void submit_heterogeneousJob_runsInTheImageAndKeepsItsName() throws Exception {
    String text = "#!/bin/sh\nuname -m; echo $SLURM_HET_SIZE $SLURM_JOB_NAME $1\n";
    cluster.script("job.sh", text);

    cluster.alice(
        "syschroot submit deb -- --wait -wnode1 -n1 --output=out : -wnode2 -n1 job.sh a >&2");

    assertThat(cluster.sh("cat /tmp/alice/out")).isEqualTo("i686\n2 job.sh a\n");
  }

  @Test
  void submit_wrapOfAHeterogeneousJob_runsInTheImage() throws Exception {
    String wrap =
        "sbatch4 --parsable -n1 --output=out : -n1 --wrap 'uname -m; echo $SLURM_HET_SIZE'";
    assertThat(cluster.stateAtEnd(wrap)).isEqualTo("COMPLETED");

    assertThat(cluster.sh("cat /tmp/alice/out")).isEqualTo("i686\n2\n");
  }

  @Test
  void salloc_commandAndSteps_enterTheImage() throws Exception {
    String command = "uname -m; test -n \"$SLURM_JOB_ID\" && echo allocated";

    assertThat(cluster.alice("salloc --quiet -n1 /mnt/bin4/deb sh -c '" + command + "'"))
        .isEqualTo("i686\nallocated\n");
    assertThat(cluster.alice("salloc --quiet -N2 srun --quiet /mnt/bin4/deb uname -m"))
        .isEqualTo("i686\ni686\n");
  }

  @Test
  void srun_pty_isATerminalInTheImage() throws Exception {
    String step = "tty; test -t 0 && test -t 1 && test -t 2 && uname -m";

    // At the end of its input script(1) types a character more, which the terminal shows.
    String output =
        cluster.alice(
            "mkfifo in; script -qec \"srun --quiet --pty /mnt/bin4/sh -c '"
                + step
                + "'\" /dev/null <> in");

    assertThat(output.replace("\r", "")).matches("(?s).*/dev/pts/[0-9]+\ni686\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "NONE; [] [] deb",
        "ALL; [a  b] [o] deb",
        "ODD; [a  b] [] deb",
        "ODD=z; [z] [] deb",
        "'ALL,ODD=y'; [y] [o] deb",
      })
  void sbatch_export_meansTheSameInTheImage(String export, String expected) throws Exception {
    cluster.script("job.sh", "#!/bin/sh\necho \"[$ODD] [$OTHER] $SYSCHROOT_IMAGE\"\n");

    String submit = "sbatch4 --parsable --output=out --export=" + export + " job.sh";
    assertThat(cluster.stateAtEnd("ODD='a  b' OTHER=o " + submit)).isEqualTo("COMPLETED");

    assertThat(cluster.sh("cat /tmp/alice/out")).isEqualTo(expected + "\n");
  }

  @Test
  void signals_reachTheJobAndGraceIsGiven() throws Exception {
    cluster.script(
        "job.sh",
        "#!/bin/bash\ntrap 'echo saving; sleep 0.3; echo saved; exit 0' TERM\n"
            + "trap 'echo USR1' USR1\ntouch started\n"
            + "for i in $(seq 1200); do sleep 0.05; done\n");
    String job = cluster.alice("sbatch4 --parsable --output=out job.sh").strip();
    String wait = "for i in $(seq 300); do %s && exit; sleep 0.1; done; exit 1";
    cluster.sh(String.format(wait, "[ -e /tmp/alice/started ]"));

    cluster.alice("scancel --batch --signal=USR1 " + job);
    cluster.sh(String.format(wait, "grep -q USR1 /tmp/alice/out"));
    cluster.alice("scancel " + job);
    cluster.sh(String.format(wait, "[ -z \"$(squeue -h)\" ]"));

    assertThat(cluster.sh("grep -v '^slurmstepd\\|^Terminated' /tmp/alice/out"))
        .isEqualTo("USR1\nsaving\nsaved\n");
  }

  @Test
  void pmix_twoNodes_talkThroughTheSpool() throws Exception {
    Outcome outcome =
        cluster
            .user(
                "alice",
                "srun",
                "--quiet",
                "--mpi=pmix",
                "-N2",
                "-n4",
                "/mnt/bin4/native",
                "pmix-client")
            .run();

    // On a read-only spool PMIx prints errors, and falls back to slower ways.
    assertThat(outcome.errText()).as(outcome.toString()).isEmpty();
    assertThat(outcome.outText().lines())
        .containsExactlyInAnyOrder(
            Stream.of(0, 1, 2, 3)
                .map(rank -> "native rank " + rank + " of 4: 406")
                .toArray(String[]::new));
  }

  @Test
  void pmi2_descriptorOfTheNode_isKept() throws Exception {
    // The wire protocol: lengths of six characters before each command.
    cluster.script(
        "pmi2.sh",
        "#!/mnt/bin4/bash\n"
            + "echo 'cmd=init pmi_version=2 pmi_subversion=0' >&$PMI_FD; read -r answer <&$PMI_FD\n"
            + "ask() { printf '%6d%s' ${#1} \"$1\" >&$PMI_FD; read -r -N6 n <&$PMI_FD;"
            + " read -r -N$((n)) answer <&$PMI_FD; }\n"
            + "ask \"cmd=fullinit;pmijobid=$PMI_JOBID;pmirank=$PMI_RANK;threaded=FALSE;\"\n"
            + "echo $(uname -m) ${answer#*;rc=0;} | sed 's/pmi-.*rank/rank/; s/;appnum.*//'\n"
            + "ask 'cmd=finalize;'\n");

    assertThat(cluster.alice("srun --quiet --mpi=pmi2 -N2 -n2 ./pmi2.sh").lines())
        .containsExactlyInAnyOrder("i686 rank=0;size=2", "i686 rank=1;size=2");
  }
}
