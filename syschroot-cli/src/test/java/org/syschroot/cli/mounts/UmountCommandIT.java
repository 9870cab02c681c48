// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.mounts;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.testing.Dose;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** {@code umount} takes all of an image's mounts or none, whoever uses or mounts what there. */
@InOwnMountNamespace
class UmountCommandIT {
  private static final int OTHER_USER = 65534;

  @TempDir Path folder;
  private MountSite at;
  private String before;

  @BeforeEach
  void makeSite() throws Exception {
    at = new MountSite(folder);
    at.plain();
    MountSite.host("mount", "--make-rshared", "/");
    before = MountSite.table();
  }

  @AfterEach
  void removeSite() throws Exception {
    at.close();
  }

  private String root(String message) {
    return message.replace("ROOT", at.root.toString());
  }

  private void succeed(String command, String... words) throws Exception {
    assertThat(at.run(command, words)).hasToString(MountSite.success(""));
  }

  /** Starts a FUSE daemon of somebody else, which not even root may look at. */
  private Program.Running fuse(String path) throws Exception {
    String target = at.directory.resolve(path).toString();
    Program.Running daemon =
        Program.of("perl", at.script("fuse.pl").toString(), target, "" + OTHER_USER).start();
    for (int i = 0; i < 500 && !daemon.outSoFar().equals("ready\n"); i++) {
      assertThat(daemon.process().waitFor(20, TimeUnit.MILLISECONDS)).isFalse();
    }
    assertThat(Program.of("ls", target).run().errText()).contains("Permission denied");
    return daemon;
  }

  @Test
  void busyInEveryWay_nothingIsUnmounted() throws Exception {
    ImageTree.of(at.host, "dir home/u/deep");
    MountSite.host("cp", "/bin/sleep", at.host + "/home/sleep");
    List<Program> users =
        List.of(
            Program.of("sleep", "60").in(at.root.resolve("home/u/deep")),
            Program.of(at.root + "/home/sleep", "60"),
            Program.of("sh", "-c", "exec sleep 60 < " + at.root + "/data/f"),
            Program.of("sh", "-c", "cd / && exec 7> " + at.root + "/home/out && exec sleep 60"));
    for (Program user : users) {
      succeed("mount", "plain");
      try (Program.Running running = user.start()) {
        awaitUser(running);
        Outcome outcome = at.run("umount", "plain");
        assertThat(outcome.status()).isEqualTo(125);
        assertThat(outcome.errText())
            .contains("EBUSY (Device or resource busy): pid " + running.pid())
            .contains("; nothing was unmounted");
        assertThat(at.mounted()).isEqualTo(MountSite.PLAIN_UP);
        succeed("umount", "--lazy", "plain");
        assertThat(MountSite.table()).isEqualTo(before);
      }
    }
  }

  /** A shell becomes the program only after a while. */
  private static void awaitUser(Program.Running running) throws Exception {
    Path name = Path.of("/proc/" + running.pid() + "/comm");
    for (int i = 0; i < 500 && !Files.readString(name).equals("sleep\n"); i++) {
      assertThat(running.process().waitFor(10, TimeUnit.MILLISECONDS)).isFalse();
    }
    assertThat(name).hasContent("sleep");
  }

  @Test
  void submountIsBusy_nothingIsUnmounted() throws Exception {
    at.tmpfs("host/data/sub");
    String hostOnly = MountSite.table();
    succeed("mount", "plain");
    List<String> up = at.mounted();
    try (Program.Running user = Program.of("sleep", "60").in(at.root.resolve("data/sub")).start()) {
      assertThat(at.run("umount", "plain").errText())
          .contains(root("cannot unmount ROOT/data/sub: EBUSY"))
          .contains("pid " + user.pid());
      assertThat(at.mounted()).isEqualTo(up);
    }
    succeed("umount", "plain");
    assertThat(MountSite.table()).isEqualTo(hostOnly);
  }

  @Test
  void loopDeviceKeepsItBusy_nothingIsUnmountedOrPutBack() throws Exception {
    MountSite.host("truncate", "-s", "1M", at.host + "/data/disk");
    // Of a mount that another is on the kernel does not say beforehand whether it is busy.
    for (boolean isLeaf : List.of(true, false)) {
      if (!isLeaf) {
        at.tmpfs("host/data/sub");
      }
      String hostOnly = MountSite.table();
      succeed("mount", "plain");
      String loop =
          MountSite.host("losetup", "--find", "--show", at.root + "/data/disk").outText().strip();
      try {
        List<String> up = at.mounted();
        String now = isLeaf ? "nothing was unmounted" : "all filesystems are mounted as before";
        assertThat(at.run("umount", "plain").errText())
            .isEqualTo(
                root(
                    "syschroot: plain: cannot unmount ROOT/data: EBUSY (Device or resource busy); "
                        + now
                        + "\n"));
        assertThat(at.mounted()).containsExactlyInAnyOrderElementsOf(up);
        assertThat(at.run("status", "plain").status()).isZero();
      } finally {
        MountSite.host("losetup", "--detach", loop);
      }
      succeed("umount", "plain");
      assertThat(MountSite.table()).isEqualTo(hostOnly);
    }
  }

  /** Each way to unmount; of what came late, only the usual one in every run. */
  @Test
  void fuseOfAUserBeneathHome_goesAndStaysOnTheHost() throws Exception {
    for (boolean late : List.of(false, true)) {
      if (late) {
        succeed("mount", "plain");
      }
      try (Program.Running daemon = fuse("host/home/u")) {
        String hostOnly = late ? "" : MountSite.table();
        for (String[] words :
            List.of(
                new String[] {"plain"}, new String[] {"--lazy", "plain"}, new String[] {"--all"})) {
          boolean isFirst = words[0].equals("plain");
          if (late && !isFirst && !Dose.isHeavy()) {
            continue;
          }
          succeed("mount", "plain");
          assertThat(at.mounted()).contains("image/home/u");
          if (isFirst || Dose.isHeavy()) {
            assertThat(at.run("status", "plain").status()).isZero();
          }
          succeed("umount", words);
          assertThat(at.mounted()).containsExactly("host/home/u");
        }
        assertThat(late ? "" : MountSite.table()).isEqualTo(hostOnly);
        assertThat(daemon.process().isAlive()).isTrue();
        at.unmount("host/home/u");
      }
      Files.delete(at.directory.resolve("fuse.pl"));
    }
  }

  @Test
  void plannedMountIsAFuse_statusAndUmountWork() throws Exception {
    at.image("plain", at.root, "HOST/data:/data", "HOST/home/u:/home");
    try (Program.Running daemon = fuse("host/home/u")) {
      String hostOnly = MountSite.table();
      MountSite.host("mount", "--bind", at.host + "/data", at.root + "/data");
      MountSite.host("mount", "--bind", at.host + "/home/u", at.root + "/home");
      assertThat(at.run("status", "plain").status()).isZero();
      succeed("umount", "plain");
      assertThat(MountSite.table()).isEqualTo(hostOnly);
      assertThat(daemon.process().isAlive()).isTrue();
      at.unmount("host/home/u");
    }
  }

  private String status(String name) throws Exception {
    return at.run("status", name).outText();
  }

  @Test
  void takenOutOfTheSettings_staysKnownAndGoes() throws Exception {
    at.tmpfs("host/home");
    Files.createDirectory(at.host.resolve("home/v"));
    String hostOnly = MountSite.table();
    succeed("mount", "plain");
    at.image("plain", at.root, "HOST/data:/data");
    assertThat(at.run("status", "plain").status()).isEqualTo(1);
    assertThat(status("plain"))
        .contains("plain        extra    /home: no longer configured; \"syschroot umount\"");
    JsonObject extra =
        JsonParser.parseString(at.run("status", "--json", "plain").outText())
            .getAsJsonArray()
            .get(0)
            .getAsJsonObject()
            .getAsJsonArray("mounts")
            .get(1)
            .getAsJsonObject();
    assertThat(extra.get("target").getAsString()).isEqualTo("/home");
    assertThat(extra.get("state").getAsString()).isEqualTo("extra");
    succeed("mount", "plain");
    assertThat(at.run("umount", "--dry-run", "plain").outText())
        .isEqualTo("plain: would unmount /data\nplain: would unmount /home\n");
    succeed("umount", "plain");
    assertThat(MountSite.table()).isEqualTo(hostOnly);
  }

  @Test
  void takenOutOfTheSettingsAndGoneFromTheHost_staysKnownAndGoes() throws Exception {
    at.tmpfs("host/home");
    succeed("mount", "plain");
    at.unmount("host/home");
    at.image("plain", at.root, "HOST/data:/data");
    assertThat(status("plain")).contains("extra    /home: no longer configured");
    succeed("umount", "plain");
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  void settingsNameAnotherSource_theFormerGoes() throws Exception {
    succeed("mount", "plain");
    at.image("plain", at.root, "HOST/home:/data", "HOST/home:/home");
    assertThat(status("plain")).contains("plain        foreign  ");
    succeed("umount", "plain");
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  void mountedBySomebodyElse_isNamedAndStays() throws Exception {
    ImageTree.of(at.root, "dir opt");
    at.tmpfs("image/opt");
    Files.writeString(at.root.resolve("opt/precious"), "x");
    assertThat(at.run("umount", "plain").errText())
        .isEqualTo(
            root(
                "syschroot: plain: will not unmount ROOT/opt, which was not mounted by syschroot:"
                    + " none (tmpfs)\n"));
    succeed("mount", "plain");
    assertThat(at.run("status", "plain").status()).isEqualTo(1);
    assertThat(status("plain"))
        .contains("plain        extra    /opt: not mounted by syschroot: none (tmpfs)");
    Outcome outcome = at.run("umount", "plain");
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText()).contains(root("will not unmount ROOT/opt"));
    assertThat(at.mounted()).containsExactly("image/opt");
    assertThat(at.root.resolve("opt/precious")).exists();
  }

  @Test
  void mountedOnOursBySomebodyElse_nothingIsUnmounted() throws Exception {
    succeed("mount", "plain");
    at.tmpfs("image/data/sub");
    Files.writeString(at.root.resolve("data/sub/precious"), "x");
    List<String> up = at.mounted();
    assertThat(at.run("umount", "plain"))
        .hasToString(
            root(
                "status 125\nout: \nerr: syschroot: plain: will not unmount ROOT/data/sub, which"
                    + " was not mounted by syschroot (none (tmpfs)): unmount it first; nothing"
                    + " was unmounted\n"));
    assertThat(at.mounted()).isEqualTo(up);
    assertThat(status("plain")).contains("plain        extra    /data/sub");
    at.unmount("image/data/sub");
    succeed("umount", "plain");
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  void aMountOfOursMountedOnOursBySomebodyElse_nothingIsUnmounted() throws Exception {
    succeed("mount", "plain");
    MountSite.host("mount", "--bind", at.root + "/home", at.root + "/data/sub");
    MountSite.host("mount", "--make-private", at.root + "/data/sub");
    List<String> up = at.mounted();
    assertThat(at.run("umount", "plain").errText()).contains("nothing was unmounted");
    assertThat(at.mounted()).isEqualTo(up);
    at.unmount("image/data/sub");
    succeed("umount", "plain");
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  void hiddenBySomebodyElse_isForeignAndNothingIsUnmounted() throws Exception {
    ImageTree.of(at.root, "dir a/b");
    at.image("plain", at.root, "HOST/data:/a/b", "HOST/home:/home");
    succeed("mount", "plain");
    at.tmpfs("image/a");
    List<String> up = at.mounted();
    assertThat(status("plain"))
        .contains("foreign")
        .contains(root("it is hidden by the mount on ROOT/a"))
        .doesNotContain("no longer configured");
    assertThat(at.run("mount", "plain").status()).isEqualTo(125);
    assertThat(at.run("umount", "plain").errText())
        .contains(root("will not unmount ROOT/a, which was not mounted by syschroot"))
        .contains("nothing was unmounted");
    assertThat(at.mounted()).isEqualTo(up);
    at.unmount("image/a");
    succeed("umount", "plain");
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  void hiddenInItsOwnPlaceBySomebodyElse_isNotSaidToBeUnplanned() throws Exception {
    succeed("mount", "plain");
    at.tmpfs("image/home");
    assertThat(status("plain"))
        .contains("plain        foreign  ")
        .contains("extra    /home: configured, but hidden by another mount: unmount that")
        .doesNotContain("no longer configured");
    assertThat(at.run("umount", "plain").errText()).contains("nothing was unmounted");
    at.unmount("image/home");
    assertThat(at.run("status", "plain").status()).isZero();
    succeed("umount", "plain");
    assertThat(MountSite.table()).isEqualTo(before);
  }

  @Test
  void rootIsABindMountBelowWhatIsMountedInIt_everyCopyGoes() throws Exception {
    ImageTree.of(at.directory, "dir bound");
    ImageTree.of(at.root, "dir tree", "dir dev");
    MountSite.host("mount", "--bind", at.root.toString(), at.directory + "/bound");
    String bound = MountSite.table();
    at.image(
        "plain", at.directory.resolve("bound"), "/dev", "HOST/data:/data", at.directory + ":/tree");
    succeed("mount", "plain");
    assertThat(at.mounted()).contains("bound/tree", "image/tree", "image/dev");
    assertThat(at.run("status", "plain").status()).isZero();
    succeed("umount", "plain");
    assertThat(MountSite.table()).isEqualTo(bound);
  }

  /** What the kernel would tell by groups of peers where mounts are shared has to be seen. */
  @ParameterizedTest
  @ValueSource(strings = {"--make-private", "--make-shared"})
  void rootIsBelowWhatIsMountedInItRecursively_theCopyOfAnEarlierMountGoes(String propagation)
      throws Exception {
    ImageTree.of(at.root, "dir tree");
    MountSite.host("mount", "--bind", at.directory.toString(), at.directory.toString());
    MountSite.host("mount", propagation, at.directory.toString());
    String bound = MountSite.table();
    at.image("plain", at.root, "HOST/data:/data", at.directory + ":/tree");
    assertThat(at.run("mount", "plain").status()).isZero();
    assertThat(at.mounted()).contains("image/tree/image/data", "image/data");
    assertThat(at.run("status", "plain").outText()).doesNotContain("extra");
    assertThat(at.run("umount", "plain").status()).isZero();
    assertThat(MountSite.table()).isEqualTo(bound);
  }

  @Test
  void copyOfAMountIsBusy_nothingIsUnmounted() throws Exception {
    ImageTree.of(at.directory, "dir bound");
    MountSite.host("mount", "--bind", at.root.toString(), at.directory + "/bound");
    succeed("mount", "plain");
    List<String> up = at.mounted();
    assertThat(up).contains("bound/data");
    try (Program.Running user =
        Program.of("sleep", "60").in(at.directory.resolve("bound/data")).start()) {
      assertThat(at.run("umount", "plain").errText()).contains("pid " + user.pid());
      assertThat(at.mounted()).isEqualTo(up);
    }
    succeed("umount", "plain");
    assertThat(at.mounted()).containsExactly("bound");
  }

  @Test
  @RequiresCommand("strace")
  void mountIsKilledBeforeItHasWrittenDownWhatItMade_theMountIsKnownAllTheSame() throws Exception {
    Path log = at.directory.resolve("trace");
    List<String> words =
        new ArrayList<>(
            List.of(
                "strace",
                "-f",
                "-qq",
                "-o",
                log.toString(),
                "-e",
                "trace=renameat2",
                "-e",
                "inject=renameat2:signal=KILL:when=2"));
    words.addAll(at.words("mount", "plain"));
    Program.of(words).run();
    assertThat(at.mounted()).isEqualTo(MountSite.PLAIN_UP);
    at.image("plain", at.root, "HOST/data:/data");
    succeed("umount", "plain");
    assertThat(MountSite.table()).isEqualTo(before);
  }
}
