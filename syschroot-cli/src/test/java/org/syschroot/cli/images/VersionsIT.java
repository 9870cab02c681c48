// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;
import org.syschroot.testing.BusyboxImage;
import org.syschroot.testing.Dose;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** {@code update}, {@code rollback}, {@code prune} and what shows versions. */
@InOwnMountNamespace
@RequiresCommand({"busybox", "setpriv", "strace"})
class VersionsIT {
  private static final int UPDATES = Dose.of(10, 50);
  private static final int KILLS = Dose.of(6, 24);
  private static final int JOBS = Dose.of(40, 200);

  private TestSite site;
  private Path folder;
  private Path root;
  private Path versions;
  private Path launcher;

  @BeforeEach
  void makeImage() throws Exception {
    site = TestSite.empty();
    folder = site.directory();
    Files.createDirectory(folder.resolve("bin"));
    root = tree("tiny", 1);
    versions = folder.resolve("tiny.versions");
    launcher = folder.resolve("bin/tiny");
    site.image(
        "tiny",
        "root = \""
            + root
            + "\"\nmounts = [\"/dev\", \""
            + Files.createDirectory(folder.resolve("data"))
            + ":/tmp\"]\ncwd = \"root\"\n[launchers]\ndirectory = \""
            + folder.resolve("bin")
            + "\"\n");
  }

  @AfterEach
  void removeSite() throws Exception {
    syschroot("umount", "tiny");
    syschroot("prune", "--keep", "0");
    // What is mounted there would be deleted too.
    assertThat(MountSite.table()).doesNotContain(folder.toString());
    MountSite.host(
        "sh",
        "-c",
        "cd \"$1\" && rm -rf bin tiny* source* *.gz small elsewhere shared data",
        "sh",
        folder.toString());
    site.close();
  }

  /** A tree of which two files say which version it is. */
  private Path tree(String name, int number) throws IOException {
    Path tree = BusyboxImage.tree(folder, name);
    Files.createDirectories(tree.resolve("dev"));
    Files.createDirectories(tree.resolve("tmp"));
    Files.writeString(tree.resolve("first"), number + "\n");
    Files.writeString(tree.resolve("last"), number + "\n");
    return tree;
  }

  private Path source(int number) throws IOException {
    Path source = folder.resolve("source" + number);
    return Files.exists(source) ? source : tree("source" + number, number);
  }

  private List<String> words(String command, String... words) {
    List<String> all = new ArrayList<>();
    all.addAll(List.of(TestImages.command().toString(), command, "--config", folder.toString()));
    all.addAll(List.of(words));
    return all;
  }

  private Outcome syschroot(String command, String... words) throws Exception {
    return Program.of(words(command, words)).run();
  }

  private String must(String command, String... words) throws Exception {
    Outcome outcome = syschroot(command, words);
    assertThat(outcome.status()).as("%s %s: %s", command, List.of(words), outcome).isZero();
    return outcome.outText();
  }

  private String update(int number) throws Exception {
    return must("update", "tiny", "--from", source(number).toString());
  }

  private String version() throws Exception {
    return must("run", "tiny", "--", "/bin/sh", "-c", "cat /first /last").replace("\n", "");
  }

  private Outcome job(String script) throws Exception {
    return Program.of(
            "setpriv",
            "--reuid=65533",
            "--regid=65533",
            "--clear-groups",
            launcher.toString(),
            "-c",
            script)
        .in(Path.of("/"))
        .run();
  }

  private List<String> stored() throws IOException {
    try (Stream<Path> files = Files.list(versions)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void update_again_switchesAndCanBeTakenBack() throws Exception {
    String first = update(2);
    assertThat(first).matches("image tiny: version 2 sha256:[0-9a-f]{64}\n");
    assertThat(version()).isEqualTo("22");
    update(3);
    assertThat(version()).isEqualTo("33");
    assertThat(must("list", "--versions"))
        .matches("(?s)tiny    1  -  .*\ntiny    2  sha256:.*\ntiny  \\* 3  sha256:.*source3\n");

    assertThat(must("rollback", "tiny")).isEqualTo(first);
    assertThat(version()).isEqualTo("22");
    JsonObject shown = JsonParser.parseString(must("show", "--json", "tiny")).getAsJsonObject();
    assertThat(first)
        .isEqualTo(
            "image tiny: version "
                + shown.get("version").getAsString()
                + " "
                + shown.get("digest").getAsString()
                + "\n");
    must("rollback", "tiny", "--to", "3");
    assertThat(version()).isEqualTo("33");
    assertThat(syschroot("rollback", "tiny", "--to", "7").toString()).contains("has no version 7");

    assertThat(must("prune", "tiny")).isEqualTo("image tiny: deleted version 1\n");
    assertThat(stored()).containsExactly("2", "2.version", "3", "3.version", "lock");
    assertThat(syschroot("remove", "--yes", "tiny").toString()).contains("prune --keep 0 tiny");
    must("prune", "--keep", "0");
    must("remove", "--yes", "tiny");
    assertThat(root).doesNotExist();
    assertThat(versions).doesNotExist();
  }

  /** The same files have the same digest on every host, and others have not. */
  @Test
  void update_digest_isThatOfTheFiles() throws Exception {
    Path tar = folder.resolve("two.tar.gz");
    MountSite.host("tar", "-C", source(2).toString(), "-czf", tar.toString(), ".");
    String fromDirectory = update(2).replaceAll(".* ", "");
    String fromTar = must("update", "tiny", "--from", tar.toString()).replaceAll(".* ", "");
    assertThat(fromTar).isEqualTo(fromDirectory);
    MountSite.host("chmod", "700", source(2).resolve("first").toString());
    assertThat(update(2).replaceAll(".* ", "")).isNotEqualTo(fromDirectory);
  }

  /** As the prolog of Slurm does it on a node that a roll-out has left out. */
  @Test
  void nodeCheck_otherDigestThanTheClusterWants_keepsJobsAway() throws Exception {
    must("mount", "tiny");
    must("link", "tiny");
    String wanted = update(2).replaceAll("(?s).* |\n", "");
    Path digests = folder.resolve("data/digests");
    Files.writeString(digests, "# of this month\ntiny " + wanted + "\n");
    Path prolog = folder.resolve("data/prolog");
    Files.writeString(
        prolog,
        must(
            "submit",
            "--scheduler",
            "slurm",
            "--node-check",
            "--digests",
            digests.toString(),
            "tiny"));
    assertThat(Program.of("sh", prolog.toString()).run().status()).isZero();
    update(3);
    Outcome outcome = Program.of("sh", prolog.toString()).run();
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.errText()).contains("outdated version sha256:", "wants " + wanted);
    must("rollback", "tiny");
    assertThat(Program.of("sh", prolog.toString()).run().status()).isZero();
    Files.writeString(digests, "tiny 1\n");
    assertThat(syschroot("status", "--digests", digests.toString()).toString())
        .contains("status 125", "a line must be a name of an image and a digest");
  }

  @Test
  void update_mountedImageWithLaunchers_everythingStaysUp() throws Exception {
    must("mount", "tiny");
    must("link", "tiny");
    assertThat(job("cat /first").outText()).isEqualTo("1\n");
    update(2);
    String linked = new String(Files.readAllBytes(launcher), "ISO-8859-1");
    for (int number = 3; number < 5; number++) {
      update(number);
      assertThat(must("status", "tiny")).contains("mounted", "linked").doesNotContain("extra");
      assertThat(job("cat /first; [ -c /dev/null ] && echo mounted").toString())
          .isEqualTo("status 0\nout: " + number + "\nmounted\n\nerr: ");
    }
    assertThat(new String(Files.readAllBytes(launcher), "ISO-8859-1")).isEqualTo(linked);
    must("rollback", "tiny");
    assertThat(job("cat /first; [ -c /dev/null ] && echo mounted").outText())
        .isEqualTo("3\nmounted\n");
    must("umount", "tiny");
    assertThat(MountSite.table()).doesNotContain(folder + "/tiny");
  }

  @Test
  void commandsThatRun_keepTheirVersionWithItsMounts_andPruneLeavesIt() throws Exception {
    must("mount", "tiny");
    must("link", "tiny");
    Path pipe = folder.resolve("data/pipe");
    MountSite.host("mkfifo", pipe.toString());
    try (Program.Running running =
        Program.of(launcher.toString(), "-c", "echo up; read x < /tmp/pipe")
            .in(Path.of("/"))
            .start()) {
      while (running.outSoFar().isEmpty()) {
        assertThat(running.process().isAlive()).as(running.errSoFar()).isTrue();
        TimeUnit.MILLISECONDS.sleep(10);
      }
      update(2);
      String which = must("which", Long.toString(running.pid()));
      assertThat(which).startsWith("tiny").endsWith(" version 1\n");
      assertThat(Files.readString(Path.of("/proc/" + running.pid() + "/root/first")))
          .isEqualTo("1\n");
      assertThat(Path.of("/proc/" + running.pid() + "/root/dev/null")).exists();
      assertThat(syschroot("prune", "--keep", "0", "tiny").toString())
          .contains("version 1 stays: in use by pid " + running.pid());
      Files.delete(pipe);
    }
    assertThat(must("prune", "--keep", "0", "tiny")).contains("deleted version 1");
    assertThat(MountSite.table()).doesNotContain("tiny.versions");
  }

  @Test
  void prune_treeInUseInWhateverWay_leavesIt() throws Exception {
    String tree = versions.resolve("1/root").toString();
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
    update(2);
    MountSite.host("mkfifo", tree + "/dev/pipe");
    for (List<String> use : uses) {
      try (Program.Running running = Program.of(use).start()) {
        TimeUnit.MILLISECONDS.sleep(300);
        assertThat(running.process().isAlive()).as("%s: %s", use, running.errSoFar()).isTrue();
        assertThat(syschroot("prune", "--keep", "0").toString())
            .as("%s", use)
            .contains("version 1 stays");
        assertThat(Path.of(tree, "first")).exists();
        running.process().destroyForcibly().waitFor();
      }
    }
    assertThat(must("prune", "--keep", "0")).contains("deleted version 1");
  }

  @Test
  void manyUpdates_whileJobsComeAndGo_eachSeesOneVersionWhole() throws Exception {
    must("mount", "tiny");
    must("link", "tiny");
    update(2);
    source(3);
    ExecutorService jobs = Executors.newFixedThreadPool(4);
    try {
      List<Future<Outcome>> done = new ArrayList<>();
      for (int i = 0; i < JOBS; i++) {
        done.add(jobs.submit(() -> job("cat first; usleep 100000; [ -c /dev/null ] && cat /last")));
      }
      int updates = 0;
      while (updates < UPDATES) {
        update(2 + updates++ % 2);
        if (updates % 10 == 0) {
          must("prune", "--keep", "0");
        }
        if (updates < UPDATES && done.stream().allMatch(Future::isDone)) {
          for (int i = 0; i < 4; i++) {
            done.add(
                jobs.submit(() -> job("cat first; usleep 100000; [ -c /dev/null ] && cat /last")));
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
    must("prune", "--keep", "0");
    must("umount", "tiny");
    assertThat(MountSite.table()).doesNotContain(folder.toString() + "/tiny");
    String last = Integer.toString(UPDATES + 2);
    assertThat(stored()).containsExactly(last, last + ".version", "lock");
    assertThat(versions.resolve(last)).isEmptyDirectory();
  }

  @Test
  void update_killedAtAnyMoment_leavesOneVersionWhole() throws Exception {
    update(2);
    long whole = System.nanoTime();
    update(3);
    whole = System.nanoTime() - whole;
    for (int i = 1; i <= KILLS; i++) {
      int number = 2 + i % 2;
      Path from = source(number);
      try (Program.Running running =
          Program.of(words("update", "tiny", "--from", from.toString())).start()) {
        running.process().waitFor(whole * (i + KILLS / 4) / (KILLS * 7 / 6), TimeUnit.NANOSECONDS);
        running.process().destroyForcibly().waitFor();
      }
      assertThat(version()).isIn("22", "33");
      must("prune", "--keep", "0");
      assertThat(stored()).as("after kill %s", i).hasSizeBetween(2, 3).contains("lock");
    }
    assertThat(update(2)).contains("version");
    assertThat(version()).isEqualTo("22");
  }

  /** Beneath a layer there is one tree, and what was written over it means nothing over another. */
  @Test
  void update_imageWithKeptLayer_isNotMixedWithTheNewTree() throws Exception {
    Path kept = Files.createDirectory(folder.resolve("tiny-layer"));
    layer("\"" + kept + "\"");
    assertThat(must("run", "tiny", "--", "/bin/sh", "-c", "echo new >/new; cat /first"))
        .isEqualTo("1\n");
    update(2);
    assertThat(syschroot("run", "tiny", "--", "/bin/sh", "-c", "cat /first").toString())
        .startsWith("status 125")
        .contains("the layer " + kept + " was written over another tree");
    must("rollback", "tiny");
    assertThat(must("run", "tiny", "--", "/bin/sh", "-c", "cat /first /new")).isEqualTo("1\nnew\n");
    update(3);
    MountSite.host("rm", "-r", kept + "/upper", kept + "/work");
    assertThat(version()).isEqualTo("33");
  }

  @Test
  void update_imageWithThrowAwayLayer_whatRunsKeepsItsTreeAndPruneLeavesIt() throws Exception {
    layer("\"throw-away\"");
    assertThat(version()).isEqualTo("11");
    assertThat(version()).as("cached").isEqualTo("11");
    List<String> run =
        words("run", "tiny", "--", "/bin/sh", "-c", "echo >/new; echo up; read x; cat /last");
    Process running = new ProcessBuilder(run).directory(Path.of("/").toFile()).start();
    try (BufferedReader out = running.inputReader()) {
      assertThat(out.readLine()).isEqualTo("up");
      update(2);
      assertThat(version()).isEqualTo("22");
      assertThat(syschroot("prune", "--keep", "0", "tiny").toString()).contains("version 1 stays");
      running.getOutputStream().close();
      assertThat(out.readLine()).isEqualTo("1");
    } finally {
      running.destroyForcibly().waitFor();
    }
    assertThat(must("prune", "--keep", "0", "tiny")).contains("deleted version 1");
    assertThat(version()).isEqualTo("22");
  }

  private void layer(String value) throws IOException {
    site.image(
        "tiny", "root = \"" + root + "\"\nmounts = []\ncwd = \"root\"\nlayer = " + value + "\n");
  }

  /** What could be left half done: between the tree, its record, the exchange and the renaming. */
  @ParameterizedTest
  @CsvSource({"renameat2, 1", "renameat2, 2", "fsync, 1"})
  void update_killedAtOneOfItsCalls_leavesOneVersionWholeWithItsMounts(String call, int time)
      throws Exception {
    must("mount", "tiny");
    update(2);
    source(3);
    List<String> words = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", "/dev/null"));
    words.addAll(List.of("-e", "trace=" + call));
    words.addAll(List.of("-e", "inject=" + call + ":signal=KILL:when=" + time));
    words.addAll(words("update", "tiny", "--from", source(3).toString()));
    Program.of(words).run();
    assertThat(version()).isIn("22", "33");
    must("prune", "--keep", "0");
    assertThat(syschroot("status", "tiny").outText())
        .contains("mounted  /dev\n", "/data:/tmp\n")
        .doesNotContain("missing  " + folder + "/data", "extra");
    assertThat(stored()).hasSizeBetween(2, 3).contains("lock");
    update(3);
    assertThat(version()).isEqualTo("33");
  }

  @Test
  void updateRollbackAndPrune_duringAnUpdate_areRefusedAndItGoesOn() throws Exception {
    update(2);
    Path big = source(3).resolve("big");
    MountSite.host("dd", "if=/dev/urandom", "of=" + big, "bs=1M", "count=60", "status=none");
    try (Program.Running first =
        Program.of(words("update", "tiny", "--from", source(3).toString())).start()) {
      while (!Files.isDirectory(versions.resolve("3"))) {
        assertThat(first.process().isAlive()).as(first.errSoFar()).isTrue();
        TimeUnit.MILLISECONDS.sleep(1);
      }
      String pid = Long.toString(first.pid());
      MountSite.host("kill", "-STOP", pid);
      for (List<String> words :
          List.of(
              words("update", "tiny", "--from", source(2).toString()),
              words("rollback", "tiny"),
              words("prune", "--keep", "0", "tiny"))) {
        assertThat(Program.of(words).run().toString())
            .as("%s", words)
            .startsWith("status 125")
            .contains("another process is changing its versions");
      }
      assertThat(version()).isIn("22", "33");
      MountSite.host("kill", "-CONT", pid);
      assertThat(first.await().status()).isZero();
    }
    assertThat(version()).isEqualTo("33");
    must("rollback", "tiny");
    assertThat(version()).isEqualTo("22");
  }

  @Test
  void update_diskFull_leavesTheOldVersionAndNothingElse() throws Exception {
    Path small = Files.createDirectory(folder.resolve("small"));
    MountSite.host("mount", "-t", "tmpfs", "-o", "size=8m,mode=755", "none", small.toString());
    MountSite.host("cp", "-a", root.toString(), small + "/tiny");
    site.image("tiny", "root = \"" + small + "/tiny\"\nmounts = []\ncwd = \"root\"\n");
    Path big = Files.createDirectories(source(2).resolve("big"));
    for (int i = 0; i < 8; i++) {
      MountSite.host(
          "dd", "if=/dev/urandom", "of=" + big.resolve("f" + i), "bs=1M", "count=2", "status=none");
    }
    Outcome outcome = syschroot("update", "tiny", "--from", source(2).toString());
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText()).contains("source2: cannot create the image");
    assertThat(version()).isEqualTo("11");
    versions = small.resolve("tiny.versions");
    assertThat(stored()).containsExactly("1.version", "lock");
    MountSite.host("umount", small.toString());
  }

  @Test
  void update_somethingPlantedInThePlaceOfVersions_isRefused() throws Exception {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Files.createSymbolicLink(versions, elsewhere);
    refused("is not a directory that only its owner can change");
    Files.delete(versions);

    Files.createDirectory(versions);
    MountSite.host("chown", "65533", versions.toString());
    refused("is not a directory that only its owner can change");
    MountSite.host("chown", "0", versions.toString());
    MountSite.host("chmod", "777", versions.toString());
    refused("is not a directory that only its owner can change");
    MountSite.host("chmod", "755", versions.toString());

    Files.createSymbolicLink(versions.resolve("2"), elsewhere);
    refused("2 is not a directory that only its owner can change");
    Files.delete(versions.resolve("2"));
    Files.createSymbolicLink(versions.resolve("2.version"), Path.of("/etc/passwd"));
    refused("2.version cannot be read as the record of a version");
    Files.delete(versions.resolve("2.version"));
    assertThat(elsewhere).isEmptyDirectory();

    // A tree without a record is what an interrupted update leaves: it goes.
    Files.createDirectories(versions.resolve("2/root/etc"));
    Files.createSymbolicLink(versions.resolve("2/root/link"), elsewhere);
    update(2);
    assertThat(version()).isEqualTo("22");
    assertThat(elsewhere).exists();
  }

  private void refused(String message) throws Exception {
    Outcome outcome = syschroot("update", "tiny", "--from", source(2).toString());
    assertThat(outcome.status()).as("%s", outcome).isEqualTo(125);
    assertThat(outcome.errText()).contains(message);
    assertThat(version()).isEqualTo("11");
  }

  /** Whoever may rename beside the root directory could exchange it as well. */
  @Test
  void update_rootInADirectoryOfAll_isRefused() throws Exception {
    Path shared = Files.createDirectory(folder.resolve("shared"));
    MountSite.host("chmod", "1777", shared.toString());
    Files.move(root, shared.resolve("tiny"));
    site.image("tiny", "root = \"" + shared + "/tiny\"\nmounts = []\ncwd = \"root\"\n");
    refused("in which all users can create files");
    assertThat(shared.resolve("tiny.versions")).doesNotExist();
  }

  /** A launcher takes only what its owner has put beside the versions. */
  @Test
  void launcherOfAnImageWithVersions_treeOfAnotherUser_refuses() throws Exception {
    must("mount", "tiny");
    must("link", "tiny");
    update(2);
    must("umount", "tiny");
    Files.move(root, folder.resolve("moved"));
    Path planted = tree("tiny", 9);
    MountSite.host("chown", "65533", planted.toString());
    assertThat(job("cat /first").toString()).contains("status 125", "has been replaced");
    MountSite.host("rm", "-rf", planted.toString());
    Files.move(folder.resolve("moved"), root);

    Path holder = Files.createDirectory(folder.resolveSibling(folder.getFileName() + "-copy"));
    try {
      Path inside = Files.createDirectory(holder.resolve("tiny"));
      MountSite.host("mount", "--bind", holder.toString(), folder.toString());
      assertThat(inside).exists();
      MountSite.host("umount", folder.toString());
      Path copy = Files.copy(launcher, holder.resolve("l"));
      MountSite.host("setcap", "cap_sys_chroot=ep", copy.toString());
      MountSite.host("mount", "--bind", holder.toString(), folder.toString());
      launcher = folder.resolve("l");
      assertThat(job("cat /first").toString()).contains("status 125", "has been replaced");
      MountSite.host("umount", folder.toString());
    } finally {
      MountSite.host("rm", "-rf", holder.toString());
    }
  }
}
