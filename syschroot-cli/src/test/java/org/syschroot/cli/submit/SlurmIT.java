// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.syschroot.cli.Outcome;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/**
 * Jobs of an ordinary user in a 32-bit image, under a real Slurm. The tests share one cluster; the
 * job that exceeds its limit is submitted first, since Slurm looks for such jobs every half minute.
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
  "ip"
})
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SlurmIT {
  private static final int TRIES = 600;
  private static final String STAYS = "sleep 98765";

  private static SlurmCluster cluster;
  private static List<String> mountsBefore;
  private static String timeLimited;

  @BeforeAll
  static void startCluster() throws Exception {
    mountsBefore = Files.readAllLines(Path.of("/proc/self/mountinfo"));
    cluster = SlurmCluster.start();
    String script = cluster.script("stay.sh", "#!/mnt/bin4/sh\n" + STAYS + " &\n(" + STAYS + ")\n");
    timeLimited = submit("--time=1", script);
    await("the job runs", () -> running() >= 2);
    cluster.sh("scontrol update JobId=" + timeLimited + " EndTime=now+1");
  }

  @AfterAll
  static void stopCluster() throws Exception {
    if (cluster != null) {
      cluster.stop();
      assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo"))).isEqualTo(mountsBefore);
    }
  }

  private static long running() throws Exception {
    return cluster.sh("ps axww -o args").lines().filter(STAYS::equals).count();
  }

  private interface Condition {
    boolean holds() throws Exception;
  }

  private static void await(String what, Condition condition) throws Exception {
    for (int i = 0; i < TRIES; i++) {
      if (condition.holds()) {
        return;
      }
      Thread.sleep(100);
    }
    throw new AssertionError("not within " + TRIES / 10 + " s: " + what + ": " + cluster.logs());
  }

  /** Submits as alice by sbatch itself, and returns the number of the job. */
  private static String submit(String... words) throws Exception {
    Outcome outcome = cluster.user("alice", concat("sbatch --parsable", words)).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    return outcome.outText().strip();
  }

  /** Submits as alice by sbatch itself, and returns the state in which the job has ended. */
  private static String stateAtEnd(String script) throws Exception {
    return cluster.stateAtEnd("sbatch --parsable --output=out " + script);
  }

  private static String[] concat(String first, String... words) {
    List<String> all = new java.util.ArrayList<>(List.of(first.split(" ")));
    all.addAll(List.of(words));
    return all.toArray(String[]::new);
  }

  private static String output() throws Exception {
    return cluster.sh("cat /tmp/alice/out");
  }

  @Test
  @Order(1)
  void sbatch_scriptOfALauncher_isTheUsersOwnInTheImage() throws Exception {
    cluster.script(
        "job.sh",
        "#!/mnt/bin4/sh\n"
            + "#SBATCH --job-name=named\n"
            + "uname -m; id -u; id -G; pwd; umask; ulimit -Sn; echo \"$ODD|$EMPTY|$1\"\n"
            + "echo $SYSCHROOT_IMAGE $SLURM_JOB_NAME; cut -d. -f1 /etc/debian_version\n"
            + "test \"$0\" = /mnt/spool/node1/job$(printf %05d $SLURM_JOB_ID)/slurm_script || echo $0\n"
            + "exit 7\n");
    Outcome outcome =
        cluster
            .user(
                "alice",
                "sh",
                "-c",
                "umask 027; ulimit -Sn 345; export ODD='a  b' EMPTY=;"
                    + " exec sbatch --wait --output=out job.sh 'an argument'")
            .run();
    assertThat(outcome.status()).as("%s %s", outcome, output()).isEqualTo(7);
    assertThat(output())
        .isEqualTo(
            "i686\n2001\n2001 2100\n/tmp/alice\n0027\n345\na  b||an argument\ndeb named\n12\n");
  }

  @Test
  @Order(2)
  void sbatch_imageThatDoesNotSeeTheSpool_fails() throws Exception {
    String script = cluster.script("bare.sh", "#!/mnt/bare/sh\necho ran\n");
    assertThat(stateAtEnd(script)).isEqualTo("FAILED");
    assertThat(output()).contains("slurm_script", "No such file").doesNotContain("ran");
  }

  @Test
  @Order(3)
  void sbatch_arrayOf50_allRunInTheImage() throws Exception {
    cluster.script("array.sh", "#!/mnt/bin4/bash\necho $(uname -m) $SLURM_ARRAY_TASK_ID\n");
    String submit = "sbatch --parsable --array=1-50 --output=array-%a array.sh";
    assertThat(cluster.stateAtEnd(submit)).isEqualTo("COMPLETED");
    assertThat(cluster.sh("cat /tmp/alice/array-*").lines())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, 50).mapToObj(i -> "i686 " + i).toList());
  }

  @Test
  @Order(4)
  void srun_imageLauncher_keepsDirectoryEnvironmentLimitsAndStatus() throws Exception {
    String script = "uname -m; id -u; pwd; ulimit -Sn; echo \"$ODD\" $SYSCHROOT_IMAGE; cat; exit 5";
    Outcome outcome =
        cluster
            .user(
                "alice",
                "sh",
                "-c",
                "ulimit -Sn 345; export ODD='a  b' SYSCHROOT_IMAGE=other;"
                    + " echo input | exec srun --quiet /mnt/bin4/deb sh -c '"
                    + script
                    + "'")
            .run();
    assertThat(outcome.outText())
        .as("%s", outcome)
        .isEqualTo("i686\n2001\n/tmp/alice\n345\na  b deb\ninput\n");
    assertThat(outcome.status()).isEqualTo(5);
  }

  @Test
  @Order(5)
  void submit_ordinaryScript_runsInTheImageAndTheFileIsLeftAlone() throws Exception {
    String text =
        "#!/bin/bash -e\n#SBATCH --output=out\nuname -m; echo $SYSCHROOT_IMAGE $#-$2;"
            + " echo ${BASH_VERSION%%.*} $SLURM_JOB_NAME; ulimit -Sn; cat\nfalse\n";
    String script = cluster.script("plain.sh", text);
    Outcome outcome =
        cluster
            .user(
                "alice",
                "sh",
                "-c",
                "ulimit -Sn 200; SYSCHROOT_IMAGE=other exec syschroot submit deb -- --wait"
                    + " plain.sh a 'b c'")
            .run();
    assertThat(outcome.status()).as("%s %s", outcome, output()).isEqualTo(1);
    assertThat(output()).isEqualTo("i686\ndeb 2-b c\n5 plain.sh\n200\n");
    assertThat(cluster.sh("cat " + script)).isEqualTo(text);
    assertThat(cluster.sh("ls -A /tmp | grep syschroot-job || true")).isEmpty();
  }

  @Test
  @Order(6)
  void submit_byNameAndByPipeAndByCommand_runsInTheImage() throws Exception {
    cluster.script("plain.sh", "#!/bin/sh\nuname -m\n");
    assertThat(cluster.stateAtEnd("sbatch4 --parsable --output=out plain.sh"))
        .isEqualTo("COMPLETED");
    assertThat(output()).isEqualTo("i686\n");

    assertThat(cluster.stateAtEnd("sbatch4 --parsable --output=piped < plain.sh"))
        .isEqualTo("COMPLETED");
    assertThat(cluster.alice("cat piped")).isEqualTo("i686\n");

    String wrap = "sbatch4 --parsable --output=wrapped --wrap 'uname -m; echo \"it'\\''s $0\"'";
    assertThat(cluster.stateAtEnd(wrap)).isEqualTo("COMPLETED");
    assertThat(cluster.alice("cat wrapped")).isEqualTo("i686\nit's /mnt/bin4/bash\n");
  }

  @Test
  @Order(7)
  void submit_dryRun_printsACommandThatDoesTheSame() throws Exception {
    cluster.script("plain.sh", "#!/bin/sh\nuname -m; echo $1\n");
    Outcome printed =
        cluster
            .user(
                "alice",
                "syschroot",
                "submit",
                "--dry-run",
                "deb",
                "--",
                "--wait",
                "-oout",
                "plain.sh",
                "x y")
            .run();
    assertThat(printed.outText())
        .isEqualTo(
            "{ echo '#!/mnt/bin4/sh'; tail -n +2 plain.sh; } | env -u SYSCHROOT_IMAGE sbatch"
                + " --job-name=plain.sh --wait -oout /dev/stdin 'x y'\n");
    Outcome done = cluster.user("alice", "sh", "-c", printed.outText()).run();
    assertThat(done.status()).as("%s", done).isZero();
    assertThat(output()).isEqualTo("i686\nx y\n");
  }

  @Test
  @Order(8)
  void job_submittedFromInsideAnImage_isNativeUnlessItSaysOtherwise() throws Exception {
    String submit =
        "SYSCHROOT_IMAGE=deb exec sbatch --parsable --output=out --wrap"
            + " 'uname -m; echo \"[$SYSCHROOT_IMAGE]\"'";
    assertThat(cluster.stateAtEnd(submit)).isEqualTo("COMPLETED");
    assertThat(output()).isEqualTo(cluster.sh("uname -m") + "[]\n");
  }

  @Test
  @Order(9)
  void submit_imageThatWouldFail_isRefusedBeforeAnythingIsSubmitted() throws Exception {
    cluster.script("plain.sh", "#!/bin/sh\nuname -m\n");
    String jobs = cluster.sh("scontrol show jobs --oneliner | wc -l");

    assertRefused(
        "bob",
        "deb: user bob is not allowed to use this image; allowed: group hep\n"
            + "hint: the administrator can add the user to users or groups in"
            + " /etc/syschroot/images.d/deb.toml");
    cluster.sh("mv /mnt/bin4/sh /mnt/bin4/sh.away");
    assertRefused(
        "alice", "/mnt/bin4/sh is missing, so jobs would fail: as root: \"syschroot link deb\"");
    cluster.sh("mv /mnt/bin4/sh.away /mnt/bin4/sh; umount -l /mnt/image/root/mnt/spool/node1");
    assertRefused(
        "alice",
        "deb: /mnt/spool/node1 is not mounted, so jobs would fail: as root: \"syschroot mount"
            + " deb\"");
    cluster.sh("/mnt/tools/bin/syschroot mount deb");
    cluster.sh("sed -i 's/linux32/linux/' /etc/syschroot/images.d/deb.toml");
    assertRefused(
        "alice",
        "/mnt/bin4/sh is outdated (the settings have changed; create it again: syschroot link deb),"
            + " so jobs would fail: as root: \"syschroot link deb\"");
    cluster.sh("sed -i 's/linux\\b/linux32/' /etc/syschroot/images.d/deb.toml");

    assertThat(cluster.sh("scontrol show jobs --oneliner | wc -l")).isEqualTo(jobs);
  }

  private static void assertRefused(String user, String message) throws Exception {
    cluster.sh("install -m 755 /tmp/alice/plain.sh /tmp/" + user + "/plain2.sh");
    Outcome outcome = cluster.user(user, "syschroot", "submit", "deb", "--", "plain2.sh").run();
    assertThat(outcome).hasToString("status 125\nout: \nerr: syschroot: " + message + "\n");
  }

  @Test
  @Order(10)
  void timeLimit_exceeded_leavesNothing() throws Exception {
    String showJob = "scontrol show job " + timeLimited;
    await("nothing of the job is left", () -> running() == 0);
    // The job completes, in words of slurmctld, for a moment after its last process has ended.
    await("the job ends", () -> !cluster.sh(showJob).contains("JobState=COMPLETING"));
    assertThat(cluster.sh(showJob)).contains("JobState=TIMEOUT");
    await("no step is left", () -> cluster.sh("ls /mnt/spool/node1 | grep ^job || true").isEmpty());
    assertThat(cluster.sh("/mnt/tools/bin/syschroot status deb")).doesNotContain("missing");
  }

  @Test
  @Order(11)
  void prolog_brokenImage_drainsTheNodeUntilItIsMounted() throws Exception {
    cluster.sh("echo Prolog=/etc/slurm/prolog.sh >> /etc/slurm/slurm.conf; scontrol reconfigure");
    cluster.script("plain.sh", "#!/mnt/bin4/sh\nuname -m\n");
    assertThat(stateAtEnd("plain.sh")).isEqualTo("COMPLETED");

    cluster.sh("umount /mnt/image/root/tmp");
    String job = submit("--output=out", "plain.sh");
    await("the node drains", () -> cluster.sh("sinfo -h -o %t").startsWith("dr"));
    assertThat(cluster.sh("sinfo -h -R -o %E")).startsWith("Prolog error");
    await("the job is held", () -> cluster.sh("squeue -h -o %T").startsWith("PENDING"));

    cluster.sh("/mnt/tools/bin/syschroot mount deb; rm -f /tmp/alice/out");
    cluster.sh("scancel " + job + "; scontrol update NodeName=node1 State=RESUME");
    assertThat(stateAtEnd("plain.sh")).isEqualTo("COMPLETED");
    assertThat(output()).isEqualTo("i686\n");
  }
}
