// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.Syschroot;
import org.syschroot.path.ImagePath;
import org.syschroot.plan.SwitchRequest;
import org.syschroot.spawn.SwitchedProcess;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** A tree that nobody can write to and that has no mount point, by every way into it. */
@InOwnMountNamespace
@RequiresCommand({"busybox", "useradd", "userdel", "runuser", "unshare"})
class ReadOnlyTreeIT {
  /** What the root directory is, whether it can be written to, and what is mounted where. */
  private static final String LOOK =
      "grep -c ' / / ' /proc/self/mountinfo; df / | tail -n 1 | grep -o '[^ ]*$';"
          + " touch /new 2>&1; ls /; ls /data; test -d $HOME && echo home; cat /etc/alias";

  private static final String PASSWD = "root:x:0:0::/:/bin/sh\n";

  private static final String SEEN =
      "1\n/\ntouch: /new: Read-only file system\nbin\ndata\ndev\netc\nhome\nproc\nsrv\nsys\ntmp\na\nhome\n"
          + PASSWD;

  private SmallTreeSite small;
  private TestSite site;
  private OrdinaryUser user;
  private Path tree;
  private Path root;
  private List<String> before;

  @BeforeEach
  void make() throws Exception {
    small = SmallTreeSite.create("sh", "grep", "df", "tail", "touch", "ls", "test", "cat", "id");
    site = small.site();
    user = small.user();
    tree = small.tree();
    Files.writeString(tree.resolve("etc/passwd"), PASSWD);
    Files.createSymbolicLink(tree.resolve("etc/alias"), Path.of("/etc/passwd"));
    Files.createDirectory(tree.resolve("srv"));
    root = Files.createDirectory(Path.of("/mnt/root"));
    present(tree, root);
    image("ro", "");
    before = SmallTreeSite.content(tree);
  }

  SmallTreeSite small() {
    return small;
  }

  /** Mounts the tree on the root directory of the image, so that nobody can write to it. */
  void present(Path tree, Path root) throws Exception {
    SmallTreeSite.succeed("mount", "--bind", tree.toString(), root.toString());
    SmallTreeSite.succeed("mount", "-o", "remount,bind,ro", root.toString());
  }

  private void image(String name, String more) throws IOException {
    site.image(
        name,
        "root = \""
            + root
            + "\"\nmounts = [\"standard\", \"/home\", \"/opt:/data/a/opt\","
            + " \"/etc/hostname:/etc/name\"]\n"
            + more);
  }

  @AfterEach
  void remove() throws Exception {
    try {
      assertThat(SmallTreeSite.content(tree)).as("the tree").isEqualTo(before);
    } finally {
      small.close();
    }
  }

  static void assertSeen(Outcome outcome) {
    assertThat(outcome.toString()).isEqualTo("status 0\nout: " + SEEN + "\nerr: ");
  }

  @Test
  void run_byRoot_hasTheMountPointsAndWritesNothing() throws Exception {
    assertSeen(
        Program.of(
                small.syschroot(
                    "run", "--env", "HOME=" + user.home(), "ro", "--", "sh", "-c", LOOK))
            .run());
    assertThat(
            SmallTreeSite.succeed(
                    small.syschroot("run", "ro", "--", "cat", "/etc/name", "/etc/passwd"))
                .outText())
        .isEqualTo(Files.readString(Path.of("/etc/hostname")) + PASSWD);
  }

  @Test
  void run_byAnOrdinaryUser_hasTheMountPointsAndWritesNothing() throws Exception {
    assertSeen(user.program(small.syschroot("run", "ro", "--", "sh", "-c", LOOK)).run());
  }

  @Test
  void launcher_withMountsAtEntry_hasTheMountPointsAndWritesNothing() throws Exception {
    image("ro", "[launchers]\ndirectory = \"/mnt\"\nmounts = \"entry\"\n");
    SmallTreeSite.succeed(small.syschroot("link", "ro"));

    assertSeen(user.program("/mnt/ro", "sh", "-c", LOOK).run());
    assertThat(SmallTreeSite.succeed(small.syschroot("launcher", "show", "/mnt/ro")).outText())
        .contains("mount-point directory /home", "mount-point file /etc/name");
    assertThat(Program.of(small.syschroot("status", "ro")).run().outText())
        .contains("linked   /mnt/ro");
    SmallTreeSite.succeed(small.syschroot("unlink", "ro"));
  }

  /** Which mount points a launcher adds is in its file; the settings or the tree can change. */
  @Test
  void launcher_settingsOrTreeChange_isOutdatedUntilItIsLinkedAgain() throws Exception {
    String launchers = "[launchers]\ndirectory = \"/mnt\"\nmounts = \"entry\"\n";
    image("ro", launchers);
    SmallTreeSite.succeed(small.syschroot("link", "ro"));
    assertStatus("linked   /mnt/ro");

    site.image(
        "ro",
        "root = \""
            + root
            + "\"\nmounts = [\"standard\", \"/home\", \"/etc/hostname:/new/name\"]\n"
            + launchers);
    assertStatus("outdated /mnt/ro", "create it again: syschroot link ro");
    SmallTreeSite.succeed(small.syschroot("link", "ro"));
    assertStatus("linked   /mnt/ro");
    assertThat(SmallTreeSite.succeed(small.syschroot("launcher", "show", "/mnt/ro")).outText())
        .contains("mount-point file /new/name", "mount-point directory /dev");

    SmallTreeSite.succeed("umount", root.toString());
    Files.createDirectory(tree.resolve("dev"));
    present(tree, root);
    before = SmallTreeSite.content(tree);
    assertStatus("outdated /mnt/ro", "create it again: syschroot link ro");
    SmallTreeSite.succeed(small.syschroot("link", "ro"));
    assertThat(SmallTreeSite.succeed(small.syschroot("launcher", "show", "/mnt/ro")).outText())
        .doesNotContain("mount-point directory /dev");

    SmallTreeSite.succeed("umount", root.toString());
    Files.delete(tree.resolve("dev"));
    present(tree, root);
    before = SmallTreeSite.content(tree);
    assertStatus("outdated /mnt/ro", "create it again: syschroot link ro");
    SmallTreeSite.succeed(small.syschroot("link", "ro"));
    assertThat(user.program("/mnt/ro", "sh", "-c", "cat /new/name; echo >/dev/null").run())
        .hasToString("status 0\nout: " + Files.readString(Path.of("/etc/hostname")) + "\nerr: ");
    SmallTreeSite.succeed(small.syschroot("unlink", "ro"));
  }

  private void assertStatus(String... contained) throws Exception {
    Outcome status = Program.of(small.syschroot("status", "ro")).run();
    assertThat(status.outText()).contains(contained);
  }

  @Test
  void launcher_ofAUser_hasTheMountPointsAndWritesNothing() throws Exception {
    Path bin = user.home().resolve("bin");
    assertThat(user.program("mkdir", bin.toString()).run().status()).isZero();
    Outcome linked = user.program(small.syschroot("link", "ro", "--into", bin.toString())).run();
    assertThat(linked.status()).as("%s", linked).isZero();

    assertSeen(user.program(bin + "/ro", "sh", "-c", LOOK).run());
  }

  @Test
  void script_byRoot_hasTheMountPointsAndWritesNothing() throws Exception {
    assertSeen(script());
  }

  /** Runs the script of the plan as root. */
  Outcome script() throws Exception {
    Path script = Path.of("/mnt/script");
    String[] explain =
        small.syschroot("explain", "--format", "sh", "ro", "--", "/bin/sh", "-c", LOOK);
    Files.writeString(script, SmallTreeSite.succeed(explain).outText(), StandardCharsets.UTF_8);

    return Program.of("sh", script.toString()).with(Map.of("HOME", user.home().toString())).run();
  }

  @Test
  void start_inThisJvm_hasTheMountPointsAndWritesNothing() throws Exception {
    Syschroot embedded = Syschroot.configuredIn(site.directory()).load();
    SwitchRequest request =
        SwitchRequest.in(embedded.image("ro"))
            .command("/bin/sh", "-c", LOOK)
            .directory(ImagePath.ROOT)
            .variable("HOME", user.home().toString());
    SwitchedProcess process = embedded.start(request);
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo(SEEN);
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void mount_treeWithoutMountPoints_addsThemUntilUmount() throws Exception {
    SmallTreeSite.succeed(small.syschroot("mount", "ro"));
    SmallTreeSite.succeed(small.syschroot("mount", "ro"));
    SmallTreeSite.succeed(small.syschroot("status", "ro"));
    assertSeen(
        Program.of(
                small.syschroot(
                    "run", "--env", "HOME=" + user.home(), "ro", "--", "sh", "-c", LOOK))
            .run());
    SmallTreeSite.succeed(small.syschroot("umount", "ro"));

    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain("syschroot:ro");
  }

  @Test
  void everyWay_treeOfAnotherOwner_isEnteredWhereItIsTrusted() throws Exception {
    SmallTreeSite.succeed("umount", root.toString());
    SmallTreeSite.succeed("chown", "-h", "-R", "65533:65533", tree.toString());
    present(tree, root);
    before = SmallTreeSite.content(tree);
    assertThat(Program.of(small.syschroot("run", "ro", "--", "sh", "-c", LOOK)).run().toString())
        .startsWith("status 125")
        .contains("belongs to uid 65533", "trusted-owners = [\"65533\"]");

    image(
        "ro",
        "trusted-owners = [\"65533\"]\n[launchers]\ndirectory = \"/mnt\"\nmounts = \"entry\"\n");
    String[] run =
        small.syschroot("run", "--env", "HOME=" + user.home(), "ro", "--", "sh", "-c", LOOK);
    assertSeen(Program.of(run).run());
    assertSeen(user.program(run).run());
    SmallTreeSite.succeed(small.syschroot("link", "ro"));
    assertSeen(user.program("/mnt/ro", "sh", "-c", LOOK).run());
    start_inThisJvm_hasTheMountPointsAndWritesNothing();

    String privileges = "grep NoNewPrivs /proc/self/status; grep ' / / ' /proc/self/mountinfo";
    assertThat(
            SmallTreeSite.succeed(small.syschroot("run", "ro", "--", "sh", "-c", privileges))
                .outText())
        .startsWith("NoNewPrivs:\t1\n")
        .contains(" / / ro,nosuid");
    assertThat(user.program("/mnt/ro", "sh", "-c", privileges).run().outText())
        .startsWith("NoNewPrivs:\t1\n");
    SmallTreeSite.succeed(small.syschroot("unlink", "ro"));
  }

  @Test
  void run_treeOfAnotherOwnerThatLacksNothing_staysReadOnly() throws Exception {
    SmallTreeSite.succeed("umount", root.toString());
    SmallTreeSite.succeed("chown", "-h", "-R", "65533:65533", tree.toString());
    present(tree, root);
    before = SmallTreeSite.content(tree);
    site.image("bare", "root = \"" + root + "\"\nmounts = []\ntrusted-owners = [\"65533\"]\n");

    String[] run =
        small.syschroot("run", "--private", "-d", "/", "bare", "--", "sh", "-c", "> /new");

    assertThat(Program.of(run).run().errText()).contains("/new", "Read-only file system");
    assertThat(user.program(run).run().errText()).contains("/new");
  }

  @Test
  void run_linksOfTheTreeToTheHost_leadNowhereElse() throws Exception {
    SmallTreeSite.succeed("umount", root.toString());
    Files.createSymbolicLink(tree.resolve("data"), Path.of("/mnt/outside"));
    Files.createSymbolicLink(tree.resolve("home"), Path.of("../../../etc"));
    Files.createDirectory(Path.of("/mnt/outside"));
    present(tree, root);
    before = SmallTreeSite.content(tree);

    Outcome outcome = Program.of(small.syschroot("run", "ro", "--", "ls", "/")).run();

    assertThat(outcome.status()).as("%s", outcome).isEqualTo(125);
    assertThat(outcome.errText()).contains("/data/a/opt");
    assertThat(Path.of("/mnt/outside")).isEmptyDirectory();
    assertThat(Path.of("/etc/name")).doesNotExist();
  }

  @Test
  void which_inATreeWithAddedMountPoints_namesTheImage() throws Exception {
    Program.Running sleeper =
        Program.of(small.syschroot("run", "ro", "--", "busybox", "sleep", "60")).start();
    try (sleeper) {
      String pid = Long.toString(sleeper.pid());
      Path name = Path.of("/proc", pid, "comm");
      for (int i = 0; i < 300 && !Files.readString(name).equals("busybox\n"); i++) {
        Thread.sleep(100);
      }
      assertThat(SmallTreeSite.succeed(small.syschroot("which", pid)).outText()).isEqualTo("ro\n");
      sleeper.process().destroy();
    }
  }
}
