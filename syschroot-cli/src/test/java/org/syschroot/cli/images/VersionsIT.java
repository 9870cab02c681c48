// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.testing.Dose;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * {@code update}, {@code rollback}, {@code prune} and what shows versions.
 *
 * <p>Of updates meanwhile jobs run, each run does 10 beside 40 jobs at least, the heavy dose 50
 * beside 200.
 */
@InOwnMountNamespace
@RequiresCommand({"busybox", "setpriv"})
class VersionsIT {
  private static final int UPDATES = Dose.of(10, 50);
  private static final int JOBS = Dose.of(40, 200);

  private VersionsSite at;

  @BeforeEach
  void makeSite() throws Exception {
    at = new VersionsSite();
  }

  @AfterEach
  void removeSite() throws Exception {
    at.remove();
  }

  @Test
  void update_theFirst_tellsOfLaunchersThatMustBeCreatedAgain() throws Exception {
    Path other = Files.createDirectory(at.folder.resolve("other"));
    at.must("mount", "tiny");
    at.must("link", "tiny", "--into", other.toString());
    assertThat(VersionsSite.job(other.resolve("tiny"), "cat /first").outText()).isEqualTo("1\n");
    String told = "launchers that \"link --into\" has created must be created again, once";
    assertThat(at.syschroot("update", "tiny", "--from", at.source(2).toString()).errText())
        .contains(told);
    assertThat(VersionsSite.job(other.resolve("tiny"), "cat /first").status()).isEqualTo(125);
    at.must("link", "tiny", "--into", other.toString());
    assertThat(at.syschroot("update", "tiny", "--from", at.source(3).toString()).errText())
        .doesNotContain(told);
    assertThat(VersionsSite.job(other.resolve("tiny"), "cat /first").outText()).isEqualTo("3\n");
    at.must("umount", "tiny");
    Program.of("rm", "-r", "--one-file-system", other.toString()).run(); // launchers and a page
  }

  @Test
  void update_again_switchesAndCanBeTakenBack() throws Exception {
    String first = at.update(2);
    assertThat(first).matches("image tiny: version 2 sha256:[0-9a-f]{64}\n");
    assertThat(at.version()).isEqualTo("22");
    at.update(3);
    assertThat(at.version()).isEqualTo("33");
    assertThat(at.must("list", "--versions"))
        .matches("(?s)tiny    1  -  .*\ntiny    2  sha256:.*\ntiny  \\* 3  sha256:.*source3\n");

    assertThat(at.must("rollback", "tiny")).isEqualTo(first);
    assertThat(at.version()).isEqualTo("22");
    JsonObject shown = JsonParser.parseString(at.must("show", "--json", "tiny")).getAsJsonObject();
    assertThat(first)
        .isEqualTo(
            "image tiny: version "
                + shown.get("version").getAsString()
                + " "
                + shown.get("digest").getAsString()
                + "\n");
    at.must("rollback", "tiny", "--to", "3");
    assertThat(at.version()).isEqualTo("33");
    assertThat(at.syschroot("rollback", "tiny", "--to", "7").toString())
        .contains("has no version 7");

    assertThat(at.must("prune", "tiny")).isEqualTo("image tiny: deleted version 1\n");
    assertThat(at.stored()).containsExactly("2", "2.version", "3", "3.version", "lock");
    assertThat(at.syschroot("remove", "--yes", "tiny").toString()).contains("prune --keep 0 tiny");
    at.must("prune", "--keep", "0");
    at.must("remove", "--yes", "tiny");
    assertThat(at.root).doesNotExist();
    assertThat(at.versions).doesNotExist();
  }

  /** The same files have the same digest on every host, and others have not. */
  @Test
  void update_digest_isThatOfTheFiles() throws Exception {
    Path tar = at.folder.resolve("two.tar.gz");
    MountSite.host("tar", "-C", at.source(2).toString(), "-czf", tar.toString(), ".");
    String fromDirectory = at.update(2).replaceAll(".* ", "");
    String fromTar = at.must("update", "tiny", "--from", tar.toString()).replaceAll(".* ", "");
    assertThat(fromTar).isEqualTo(fromDirectory);
    MountSite.host("chmod", "700", at.source(2).resolve("first").toString());
    assertThat(at.update(2).replaceAll(".* ", "")).isNotEqualTo(fromDirectory);
  }

  /** As the prolog of Slurm does it on a node that a roll-out has left out. */
  @Test
  void nodeCheck_otherDigestThanTheClusterWants_keepsJobsAway() throws Exception {
    at.must("mount", "tiny");
    at.must("link", "tiny");
    String wanted = at.update(2).replaceAll("(?s).* |\n", "");
    Path digests = at.folder.resolve("data/digests");
    Files.writeString(digests, "# of this month\ntiny " + wanted + "\n");
    Path prolog = at.folder.resolve("data/prolog");
    Files.writeString(
        prolog,
        at.must(
            "submit",
            "--scheduler",
            "slurm",
            "--node-check",
            "--digests",
            digests.toString(),
            "tiny"));
    assertThat(Program.of("sh", prolog.toString()).run().status()).isZero();
    at.update(3);
    Outcome outcome = Program.of("sh", prolog.toString()).run();
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.errText()).contains("outdated version sha256:", "wants " + wanted);
    at.must("rollback", "tiny");
    assertThat(Program.of("sh", prolog.toString()).run().status()).isZero();
    Files.writeString(digests, "tiny 1\n");
    assertThat(at.syschroot("status", "--digests", digests.toString()).toString())
        .contains("status 125", "a line must be a name of an image and a digest");
  }

  @Test
  void update_mountedImageWithLaunchers_everythingStaysUp() throws Exception {
    at.must("mount", "tiny");
    at.must("link", "tiny");
    assertThat(at.job("cat /first").outText()).isEqualTo("1\n");
    at.update(2);
    String linked = new String(Files.readAllBytes(at.launcher), "ISO-8859-1");
    for (int number = 3; number < 5; number++) {
      at.update(number);
      assertThat(at.must("status", "tiny")).contains("mounted", "linked").doesNotContain("extra");
      assertThat(at.job("cat /first; [ -c /dev/null ] && echo mounted").toString())
          .isEqualTo("status 0\nout: " + number + "\nmounted\n\nerr: ");
    }
    assertThat(new String(Files.readAllBytes(at.launcher), "ISO-8859-1")).isEqualTo(linked);
    at.must("rollback", "tiny");
    assertThat(at.job("cat /first; [ -c /dev/null ] && echo mounted").outText())
        .isEqualTo("3\nmounted\n");
    at.must("umount", "tiny");
    assertThat(MountSite.table()).doesNotContain(at.folder + "/tiny");
  }

  @Test
  void commandsThatRun_keepTheirVersionWithItsMounts_andPruneLeavesIt() throws Exception {
    at.must("mount", "tiny");
    at.must("link", "tiny");
    Path pipe = at.folder.resolve("data/pipe");
    MountSite.host("mkfifo", pipe.toString());
    try (Program.Running running =
        Program.of(at.launcher.toString(), "-c", "echo up; read x < /tmp/pipe")
            .in(Path.of("/"))
            .start()) {
      while (running.outSoFar().isEmpty()) {
        assertThat(running.process().isAlive()).as(running.errSoFar()).isTrue();
        TimeUnit.MILLISECONDS.sleep(10);
      }
      at.update(2);
      String which = at.must("which", Long.toString(running.pid()));
      assertThat(which).startsWith("tiny").endsWith(" version 1\n");
      assertThat(Files.readString(Path.of("/proc/" + running.pid() + "/root/first")))
          .isEqualTo("1\n");
      assertThat(Path.of("/proc/" + running.pid() + "/root/dev/null")).exists();
      assertThat(at.syschroot("prune", "--keep", "0", "tiny").toString())
          .contains("version 1 stays: in use by pid " + running.pid());
      Files.delete(pipe);
    }
    assertThat(at.must("prune", "--keep", "0", "tiny")).contains("deleted version 1");
    assertThat(MountSite.table()).doesNotContain("tiny.versions");
  }

  @Test
  void prune_treeInUseInWhateverWay_leavesIt() throws Exception {
    String tree = at.versions.resolve("1/root").toString();
    List<List<String>> uses =
        List.of(
            List.of("sh", "-c", "cd " + tree + "/dev; exec sleep 100"),
            List.of("sh", "-c", "exec sleep 100 3<" + tree),
            List.of("chroot", tree, "/bin/sh", "-c", "read x < /dev/pipe"),
            List.of(
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                "mount --bind " + tree + " /mnt; exec sleep 100"));
    at.update(2);
    MountSite.host("mkfifo", tree + "/dev/pipe");
    for (List<String> use : uses) {
      try (Program.Running running = Program.of(use).start()) {
        TimeUnit.MILLISECONDS.sleep(300);
        assertThat(running.process().isAlive()).as("%s: %s", use, running.errSoFar()).isTrue();
        assertThat(at.syschroot("prune", "--keep", "0").toString())
            .as("%s", use)
            .contains("version 1 stays");
        assertThat(Path.of(tree, "first")).exists();
        running.process().destroyForcibly().waitFor();
      }
    }
    assertThat(at.must("prune", "--keep", "0")).contains("deleted version 1");
  }

  @Test
  void manyUpdates_whileJobsComeAndGo_eachSeesOneVersionWhole() throws Exception {
    at.must("mount", "tiny");
    at.must("link", "tiny");
    at.update(2);
    at.source(3);
    ExecutorService jobs = Executors.newFixedThreadPool(4);
    try {
      List<Future<Outcome>> done = new ArrayList<>();
      for (int i = 0; i < JOBS; i++) {
        done.add(
            jobs.submit(() -> at.job("cat first; usleep 100000; [ -c /dev/null ] && cat /last")));
      }
      int updates = 0;
      while (updates < UPDATES) {
        at.update(2 + updates++ % 2);
        if (updates % 5 == 0) {
          at.must("prune", "--keep", "0");
        }
        if (updates < UPDATES && done.stream().allMatch(Future::isDone)) {
          for (int i = 0; i < 4; i++) {
            done.add(
                jobs.submit(
                    () -> at.job("cat first; usleep 100000; [ -c /dev/null ] && cat /last")));
          }
        }
      }
      int second = 0;
      for (Future<Outcome> each : done) {
        Outcome outcome = each.get();
        assertThat(outcome.toString()).matches("status 0\nout: (\\d)\n\\1\n\nerr: ");
        second += outcome.outText().startsWith("2") ? 1 : 0;
      }
      assertThat(second).as("of %s", done.size()).isBetween(1, done.size() - 1);
    } finally {
      jobs.shutdownNow();
    }
    at.must("prune", "--keep", "0");
    at.must("umount", "tiny");
    assertThat(MountSite.table()).doesNotContain(at.folder.toString() + "/tiny");
    String last = Integer.toString(UPDATES + 2);
    assertThat(at.stored()).containsExactly(last, last + ".version", "lock");
    assertThat(at.versions.resolve(last)).isEmptyDirectory();
  }
}
