// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.testing.Dose;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * An update that is killed, or meets another update, a full disk or a layer of the image, leaves
 * one version whole and mixes none with another.
 */
@InOwnMountNamespace
@RequiresCommand({"busybox", "strace"})
class HinderedUpdateIT {
  private static final int KILLS = Dose.of(6, 24);

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
  void update_killedAtAnyMoment_leavesOneVersionWhole() throws Exception {
    at.update(2);
    long whole = System.nanoTime();
    at.update(3);
    whole = System.nanoTime() - whole;
    for (int i = 1; i <= KILLS; i++) {
      int number = 2 + i % 2;
      Path from = at.source(number);
      try (Program.Running running =
          Program.of(at.words("update", "tiny", "--from", from.toString())).start()) {
        running.process().waitFor(whole * (i + KILLS / 4) / (KILLS * 7 / 6), TimeUnit.NANOSECONDS);
        running.process().destroyForcibly().waitFor();
      }
      assertThat(at.version()).isIn("22", "33");
      at.must("prune", "--keep", "0");
      assertThat(at.stored()).as("after kill %s", i).hasSizeBetween(2, 3).contains("lock");
    }
    assertThat(at.update(2)).contains("version");
    assertThat(at.version()).isEqualTo("22");
  }

  /** What could be left half done: between the tree, its record, the exchange and the renaming. */
  @ParameterizedTest
  @CsvSource({"renameat2, 1", "renameat2, 2", "fsync, 1"})
  void update_killedAtOneOfItsCalls_leavesOneVersionWholeWithItsMounts(String call, int time)
      throws Exception {
    at.must("mount", "tiny");
    at.update(2);
    at.source(3);
    List<String> words =
        new ArrayList<>(List.of("strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null"));
    words.addAll(List.of("-e", "trace=" + call));
    words.addAll(List.of("-e", "inject=" + call + ":signal=KILL:when=" + time));
    words.addAll(at.words("update", "tiny", "--from", at.source(3).toString()));
    Program.of(words).run();
    assertThat(at.version()).isIn("22", "33");
    at.must("prune", "--keep", "0");
    assertThat(at.syschroot("status", "tiny").outText())
        .contains("mounted  /dev\n", "/data:/tmp\n")
        .doesNotContain("missing  " + at.folder + "/data", "extra");
    assertThat(at.stored()).hasSizeBetween(2, 3).contains("lock");
    at.update(3);
    assertThat(at.version()).isEqualTo("33");
  }

  @Test
  void updateRollbackAndPrune_duringAnUpdate_areRefusedAndItGoesOn() throws Exception {
    at.update(2);
    Path big = at.source(3).resolve("big");
    MountSite.host("dd", "if=/dev/urandom", "of=" + big, "bs=1M", "count=60", "status=none");
    try (Program.Running first =
        Program.of(at.words("update", "tiny", "--from", at.source(3).toString())).start()) {
      while (!Files.isDirectory(at.versions.resolve("3"))) {
        assertThat(first.process().isAlive()).as(first.errSoFar()).isTrue();
        TimeUnit.MILLISECONDS.sleep(1);
      }
      String pid = Long.toString(first.pid());
      MountSite.host("kill", "-STOP", pid);
      for (List<String> words :
          List.of(
              at.words("update", "tiny", "--from", at.source(2).toString()),
              at.words("rollback", "tiny"),
              at.words("prune", "--keep", "0", "tiny"))) {
        assertThat(Program.of(words).run().toString())
            .as("%s", words)
            .startsWith("status 125")
            .contains("another process is changing its versions");
      }
      assertThat(at.version()).isIn("22", "33");
      MountSite.host("kill", "-CONT", pid);
      assertThat(first.await().status()).isZero();
    }
    assertThat(at.version()).isEqualTo("33");
    at.must("rollback", "tiny");
    assertThat(at.version()).isEqualTo("22");
  }

  @Test
  void update_diskFull_leavesTheOldVersionAndNothingElse() throws Exception {
    Path small = Files.createDirectory(at.folder.resolve("small"));
    MountSite.host("mount", "-t", "tmpfs", "-o", "size=8m,mode=755", "none", small.toString());
    MountSite.host("cp", "-a", at.root.toString(), small + "/tiny");
    at.site.image("tiny", "root = \"" + small + "/tiny\"\nmounts = []\ncwd = \"root\"\n");
    Path big = Files.createDirectories(at.source(2).resolve("big"));
    for (int i = 0; i < 8; i++) {
      MountSite.host(
          "dd", "if=/dev/urandom", "of=" + big.resolve("f" + i), "bs=1M", "count=2", "status=none");
    }
    Outcome outcome = at.syschroot("update", "tiny", "--from", at.source(2).toString());
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText()).contains("source2: cannot create the image");
    assertThat(at.version()).isEqualTo("11");
    assertThat(VersionsSite.stored(small.resolve("tiny.versions")))
        .containsExactly("1.version", "lock");
    MountSite.host("umount", small.toString());
  }

  /** Beneath a layer there is one tree, and what was written over it means nothing over another. */
  @Test
  void update_imageWithKeptLayer_isNotMixedWithTheNewTree() throws Exception {
    Path kept = Files.createDirectory(at.folder.resolve("tiny-layer"));
    layer("\"" + kept + "\"");
    assertThat(at.must("run", "tiny", "--", "/bin/sh", "-c", "echo new >/new; cat /first"))
        .isEqualTo("1\n");
    at.update(2);
    assertThat(at.syschroot("run", "tiny", "--", "/bin/sh", "-c", "cat /first").toString())
        .startsWith("status 125")
        .contains("the layer " + kept + " was written over another tree");
    at.must("rollback", "tiny");
    assertThat(at.must("run", "tiny", "--", "/bin/sh", "-c", "cat /first /new"))
        .isEqualTo("1\nnew\n");
    at.update(3);
    MountSite.host("rm", "-r", kept + "/upper", kept + "/work");
    assertThat(at.version()).isEqualTo("33");
  }

  @Test
  void update_imageWithThrowAwayLayer_whatRunsKeepsItsTreeAndPruneLeavesIt() throws Exception {
    layer("\"throw-away\"");
    assertThat(at.version()).isEqualTo("11");
    assertThat(at.version()).as("cached").isEqualTo("11");
    List<String> run =
        at.words("run", "tiny", "--", "/bin/sh", "-c", "echo >/new; echo up; read x; cat /last");
    Process running = new ProcessBuilder(run).directory(Path.of("/").toFile()).start();
    try (BufferedReader out = running.inputReader()) {
      assertThat(out.readLine()).isEqualTo("up");
      at.update(2);
      assertThat(at.version()).isEqualTo("22");
      assertThat(at.syschroot("prune", "--keep", "0", "tiny").toString())
          .contains("version 1 stays");
      running.getOutputStream().close();
      assertThat(out.readLine()).isEqualTo("1");
    } finally {
      running.destroyForcibly().waitFor();
    }
    assertThat(at.must("prune", "--keep", "0", "tiny")).contains("deleted version 1");
    assertThat(at.version()).isEqualTo("22");
  }

  private void layer(String value) throws IOException {
    at.site.image(
        "tiny", "root = \"" + at.root + "\"\nmounts = []\ncwd = \"root\"\nlayer = " + value + "\n");
  }
}
