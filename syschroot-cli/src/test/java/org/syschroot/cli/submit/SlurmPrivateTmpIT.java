// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.submit;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.Outcome;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Jobs that have a /tmp and a /dev/shm of their own, under a real Slurm. */
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
class SlurmPrivateTmpIT {
  private static SlurmCluster cluster;
  private static List<String> mountsBefore;

  @BeforeAll
  static void startCluster() throws Exception {
    mountsBefore = Files.readAllLines(Path.of("/proc/self/mountinfo"));
    cluster = SlurmCluster.start("private-tmp");
    cluster.script("job.sh", "#!/bin/sh\n");
  }

  @AfterAll
  static void stopCluster() throws Exception {
    if (cluster != null) {
      cluster.stop();
      assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo"))).isEqualTo(mountsBefore);
    }
  }

  /** Runs a step of alice that sees none of the node's /tmp, not even her own directory there. */
  private static String step(String text) throws Exception {
    return cluster.alice("srun --quiet --chdir=/ sh -c '" + text + "'");
  }

  @Test
  void entryLauncher_jobsOwnDirectories_areThoseInTheImage() throws Exception {
    String output =
        step(
            "echo a > /tmp/of-job; echo b > /dev/shm/of-job; /mnt/bin4/own sh -c \""
                + "uname -m; cat /tmp/of-job /dev/shm/of-job; echo c > /tmp/of-image\";"
                + " cat /tmp/of-image; ls /tmp");

    assertThat(output).isEqualTo("i686\na\nb\nc\nof-image\nof-job\n");
    assertThat(cluster.sh("ls /tmp /dev/shm")).doesNotContain("of-job", "of-image");
  }

  @Test
  void bootLauncher_showsThoseOfTheNode() throws Exception {
    assertThat(step("touch /tmp/only; /mnt/bin4/deb ls /tmp")).contains("alice");
  }

  @Test
  void submit_bootLaunchers_tellsWhatTheJobWillSee() throws Exception {
    Outcome outcome =
        cluster.user("alice", "syschroot", "submit", "--dry-run", "deb", "--", "job.sh").run();

    assertThat(outcome.status()).isZero();
    assertThat(outcome.errText())
        .isEqualTo(
            "syschroot: deb: the job sees /tmp and /dev/shm of the node in the image, not its"
                + " own\nhint: an administrator can set mounts = \"entry\" in [launchers] of the"
                + " image's file, then: syschroot link deb\n");
  }

  @Test
  void submit_entryLaunchers_needNoMountsAndNoWarning() throws Exception {
    cluster.sh("umount /mnt/image/root/mnt/spool/node1");
    try {
      Outcome outcome =
          cluster.user("alice", "syschroot", "submit", "--dry-run", "own", "--", "job.sh").run();

      assertThat(outcome.status()).as("%s", outcome).isZero();
      assertThat(outcome.errText()).isEmpty();
    } finally {
      cluster.sh("/mnt/tools/bin/syschroot mount deb");
    }
  }

  @Test
  void submit_entryLaunchers_runInTheJobsDirectories() throws Exception {
    cluster.script("job.sh", "#!/bin/sh\nuname -m; ls -A /tmp; ls -A /dev/shm\n");

    cluster.alice("syschroot submit own -- --wait --chdir=/ --output=/mnt/shared/out job.sh");

    assertThat(cluster.sh("cat /mnt/shared/out")).isEqualTo("i686\n");
  }

  @Test
  void doctor_bootLaunchers_warnsAndProposesEntry() throws Exception {
    String json =
        cluster.root("/mnt/tools/bin/syschroot", "doctor", "--json", "deb", "own").run().outText();

    assertThat(json).containsOnlyOnce("job-directory-shared");
    assertThat(json.indexOf("job-directory-shared")).isLessThan(json.indexOf("\"image\": \"own\""));
  }
}
