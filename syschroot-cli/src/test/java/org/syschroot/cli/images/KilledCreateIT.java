// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.testing.Dose;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * {@code create} and {@code remove} that are ended in the middle lose nothing and block nothing.
 */
@InOwnMountNamespace
class KilledCreateIT {
  private static final long SECONDS = 60;

  /** A number of seconds by which the processes of one test are told from all others. */
  private final String sleep = Long.toString(700_000 + ProcessHandle.current().pid() % 100_000);

  @TempDir Path folder;
  private MountSite at;
  private Path root;
  private Path bin;
  private Path ready;

  @BeforeEach
  void makeSite() throws Exception {
    at = new MountSite(folder);
    root = at.directory.resolve("made");
    ready = at.directory.resolve("ready");
    bin = Files.createDirectory(at.directory.resolve("bin"));
    debootstrap(
        "mkdir -p \"$3/proc\" \"$3/etc\"; mount -t proc proc \"$3/proc\"; touch \"$3/etc/x\"\n"
            + "echo 'I: Retrieving'; (sleep "
            + sleep
            + " &); setsid sleep "
            + sleep
            + " &\n"
            + "touch "
            + ready
            + "; exec sleep "
            + sleep
            + "\n");
  }

  @AfterEach
  void removeSite() throws Exception {
    assertThat(at.host.resolve("data/f")).hasContent("of the host");
    assertThat(at.mounted()).isEmpty();
    at.close();
  }

  private void debootstrap(String script) throws IOException {
    Path file = bin.resolve("debootstrap");
    Files.writeString(file, "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Program debootstrapped() {
    List<String> words = new ArrayList<>();
    // The tests themselves may be run with these signals ignored, as by nohup(1).
    words.addAll(List.of("env", "--default-signal=INT,TERM,HUP"));
    words.addAll(at.words("create", "new", "--root", root.toString()));
    words.addAll(List.of("--debootstrap", "woody", "--mirror", "http://localhost/"));
    return Program.of(words).with(Map.of("PATH", bin + ":/usr/sbin:/usr/bin:/sbin:/bin"));
  }

  private Program fromHost() {
    return Program.of(at.words("create", "new", "--root", root.toString(), "--from-host", "sh"));
  }

  private interface Condition {
    boolean isMet() throws Exception;
  }

  private static void await(String what, Condition condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    while (!condition.isMet()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      TimeUnit.MILLISECONDS.sleep(10);
    }
  }

  private boolean sleepersAreGone() throws Exception {
    return Program.of("pgrep", "-x", "-f", "sleep " + sleep).run().status() == 1;
  }

  private List<String> marks() throws IOException {
    try (Stream<Path> files = Files.list(at.site.directory().resolve("images.d"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.contains(".creating"))
          .toList();
    }
  }

  private static void kill(String signal, Program.Running program) throws Exception {
    MountSite.host("kill", "-" + signal, Long.toString(program.pid()));
  }

  @ParameterizedTest
  @CsvSource({"INT,130", "TERM,143", "HUP,129"})
  void create_signal_takesBackWhatWasMadeAndEndsByIt(String signal, int status) throws Exception {
    try (Program.Running making = debootstrapped().start()) {
      await("debootstrap", () -> Files.exists(ready));
      kill(signal, making);
      Outcome outcome = making.await();
      assertThat(outcome.status()).as("%s", outcome).isEqualTo(status);
      assertThat(outcome.errText())
          .contains("interrupted")
          .contains("all created files were deleted");
    }
    assertThat(sleepersAreGone()).isTrue();
    assertThat(root).doesNotExist();
    assertThat(marks()).isEmpty();
  }

  private void killInTheMiddle() throws Exception {
    try (Program.Running making = debootstrapped().start()) {
      await("debootstrap", () -> Files.exists(ready));
      kill("KILL", making);
      assertThat(making.await().status()).isEqualTo(137);
    }
    await("the end of debootstrap", this::sleepersAreGone);
    assertThat(root.resolve("etc/x")).exists();
    assertThat(marks()).hasSize(1);
  }

  @Test
  void create_whileAnotherOneIsAtIt_isRefused() throws Exception {
    try (Program.Running making = debootstrapped().start()) {
      await("debootstrap", () -> Files.exists(ready));
      assertThat(fromHost().run().errText()).contains("another process is creating this image");
      assertThat(root.resolve("etc/x")).exists();
      kill("TERM", making);
      assertThat(making.await().status()).isEqualTo(143);
    }
    assertThat(sleepersAreGone()).isTrue();
  }

  @Test
  void create_afterAKill_saysSoAndWorks() throws Exception {
    killInTheMiddle();
    Outcome again = fromHost().run();
    assertThat(again.status()).as("%s", again).isZero();
    assertThat(again.errText())
        .isEqualTo(
            "syschroot: deleted " + root + ", left by an interrupted \"syschroot create\"\n");
    assertThat(root.resolve("etc/x")).doesNotExist();
    assertThat(marks()).isEmpty();
    assertThat(at.run("remove", "new").status()).isZero();
  }

  @Test
  void remove_afterAKillOfCreate_deletesTheHalf() throws Exception {
    killInTheMiddle();
    Outcome dry = at.run("remove", "--dry-run", "new");
    assertThat(dry.outText())
        .startsWith("would delete " + root + ", left by an interrupted create, and ");
    assertThat(root.resolve("etc/x")).exists();
    Outcome removed = at.run("remove", "new");
    assertThat(removed.status()).as("%s", removed).isZero();
    assertThat(root).doesNotExist();
    assertThat(marks()).isEmpty();
    assertThat(at.run("remove", "new").errText()).contains("no such image: new");
  }

  @Test
  void create_mountInTheHalfMadeTree_isNotDeletedThrough() throws Exception {
    killInTheMiddle();
    MountSite.host("mount", "--bind", at.host + "/data", root + "/etc");
    for (Program program : List.of(fromHost(), Program.of(at.words("remove", "new")))) {
      Outcome refused = program.run();
      assertThat(refused.status()).as("%s", refused).isEqualTo(125);
      assertThat(refused.errText()).contains("will not delete").contains(root + "/etc");
    }
    assertThat(at.host.resolve("data/f")).exists();
    MountSite.host("umount", root + "/etc");
    assertThat(fromHost().run().status()).isZero();
  }

  @Test
  void create_otherDirectoryInThePlaceOfTheHalf_isLeftAlone() throws Exception {
    killInTheMiddle();
    Files.move(root, at.directory.resolve("elsewhere"));
    Files.createDirectory(root);
    Files.writeString(root.resolve("mine"), "precious");
    Outcome refused = fromHost().run();
    assertThat(refused.status()).isEqualTo(125);
    assertThat(refused.errText()).contains("exists and is not empty");
    assertThat(root.resolve("mine")).hasContent("precious");
    assertThat(at.directory.resolve("elsewhere/etc/x")).exists();
  }

  @Test
  void create_debootstrapLeavesAService_isEndedWithIt() throws Exception {
    debootstrap("mkdir \"$3/etc\"; sleep " + sleep + " & exit 0\n");
    assertThat(debootstrapped().run().status()).isZero();
    assertThat(sleepersAreGone()).isTrue();
  }

  /**
   * Kills at random moments: whatever was reached, the next ones work, and nothing else is gone.
   * Five times in each run, a hundred times in the heavy dose.
   */
  @Test
  void createAndRemove_killedAtRandomMoments_canBeDoneAgain() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < Dose.of(5, 100); round++) {
      String where = "round " + round + " of seed " + seed;
      killAfter(fromHost(), random.nextInt(600));
      if (!Files.exists(at.site.file("new"))) {
        Outcome created = fromHost().run();
        assertThat(created.status()).as("%s: %s", where, created).isZero();
      }
      assertThat(at.run("run", "--directory", "/", "new", "--", "sh", "-c", "exit 7").status())
          .as(where)
          .isEqualTo(7);
      killAfter(Program.of(at.words("remove", "new")), random.nextInt(600));
      if (Files.exists(at.site.file("new"))) {
        Outcome removed = at.run("remove", "new");
        assertThat(removed.status()).as("%s: %s", where, removed).isZero();
      }
      assertThat(root).as(where).doesNotExist();
      assertThat(marks()).as(where).isEmpty();
      assertThat(at.host.resolve("data/f")).hasContent("of the host");
      assertThat(at.mounted()).isEmpty();
    }
  }

  private static void killAfter(Program program, int milliseconds) throws Exception {
    try (Program.Running running = program.start()) {
      running.process().waitFor(Duration.ofMillis(milliseconds).toMillis(), TimeUnit.MILLISECONDS);
      running.process().destroyForcibly();
      running.await();
    }
  }

  /** Runs words on a terminal, with an answer typed. */
  private Outcome onATerminal(String answer, List<String> words) throws Exception {
    Path typed = Files.writeString(at.directory.resolve("typed"), answer);
    return Program.of("script", "-qec", String.join(" ", words), "/dev/null").input(typed).run();
  }

  @Test
  @RequiresCommand("script")
  void remove_onATerminal_asksUnlessToldNotTo() throws Exception {
    assertThat(fromHost().run().status()).isZero();
    Outcome refused = onATerminal("n\n", at.words("remove", "new"));
    assertThat(refused.status()).as("%s", refused).isEqualTo(1);
    assertThat(refused.outText()).contains("delete the image new in " + root + "? [y/N] ");
    assertThat(root.resolve("bin")).exists();
    assertThat(onATerminal("\n", at.words("remove", "new")).status()).isEqualTo(1);
    assertThat(onATerminal("y\n", at.words("remove", "new")).status()).isZero();
    assertThat(root).doesNotExist();
    assertThat(fromHost().run().status()).isZero();
    Outcome unasked = onATerminal("", at.words("remove", "--yes", "new"));
    assertThat(unasked.status()).isZero();
    assertThat(unasked.outText()).doesNotContain("[y/N]");
  }

  @Test
  void remove_dryRun_changesNothingAndRefusesWhatRemoveWould() throws Exception {
    assertThat(fromHost().run().status()).isZero();
    assertThat(at.run("remove", "--dry-run", "new").outText())
        .isEqualTo(
            "would delete %s, and rename %s to %s.removed\n"
                .formatted(root, at.site.file("new"), at.site.file("new")));
    assertThat(root.resolve("bin")).exists();
    MountSite.host("mount", "--bind", at.host + "/data", root + "/etc");
    assertThat(at.run("remove", "--dry-run", "new").status()).isEqualTo(125);
    MountSite.host("umount", root + "/etc");
  }

  @Test
  @RequiresCommand("script")
  void create_onATerminal_showsProgressInOneLineAndElseNothing() throws Exception {
    debootstrap("mkdir \"$3/etc\"; printf 'I: Retrieving \\033[31mevil\\n'; echo 'I: Done'\n");
    List<String> words = new ArrayList<>(List.of("env", "PATH=" + bin + ":/usr/bin:/bin"));
    words.addAll(
        at.words("create", "new", "--root", root.toString(), "--debootstrap", "woody", "--mirror"));
    words.add("http://localhost/");
    String shown = onATerminal("", words).outText();
    assertThat(shown)
        .contains("\r\033[Kinstalling woody: I: Retrieving \\x1b[31mevil")
        .contains("\r\033[Kinstalling woody: I: Done\r\033[Kimage new: " + root);
    assertThat(at.run("remove", "new").status()).isZero();
    Outcome piped = debootstrapped().run();
    assertThat(piped.errText()).isEmpty();
    assertThat(piped.outText().lines()).hasSize(1);
  }
}
