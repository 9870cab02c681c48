// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** {@code root-mount = true}: the root directory is a mount point for boot launchers as well. */
@InOwnMountNamespace
@RequiresCommand({"busybox", "findmnt", "useradd", "userdel", "runuser", "unshare"})
class RootMountIT {
  private static final String LOOK =
      "df / | tail -n 1 | grep -o '[^ ]*$'; grep -c '^[0-9]* [0-9]* [^ ]* [^ ]* / ' /proc/self/mountinfo";

  private SmallTreeSite small;
  private Path tree;
  private List<String> before;

  @BeforeEach
  void make() throws Exception {
    small = SmallTreeSite.create("sh", "df", "tail", "grep", "sleep");
    tree = small.tree();
    for (String directory : List.of("dev", "proc", "sys", "tmp")) {
      Files.createDirectory(tree.resolve(directory));
    }
    SmallTreeSite.succeed("chmod", "1777", tree.resolve("tmp").toString());
    before = SmallTreeSite.content(tree);
    image("root-mount = true\n");
  }

  @AfterEach
  void remove() throws Exception {
    try {
      SmallTreeSite.succeed(small.syschroot("umount", "one"));
      assertThat(SmallTreeSite.content(tree)).as("the tree").isEqualTo(before);
    } finally {
      small.close();
    }
  }

  private void image(String more) throws IOException {
    small
        .site()
        .image("one", "root = \"" + tree + "\"\nmounts = [\"standard\"]\ncwd = \"root\"\n" + more);
  }

  private boolean isMountPoint() throws Exception {
    return Program.of("findmnt", "-M", tree.toString()).run().status() == 0;
  }

  @Test
  void bootLauncher_ofAUser_hasAMountPointForItsRootDirectory() throws Exception {
    SmallTreeSite.succeed(small.syschroot("mount", "one"));
    Path bin = Files.createDirectory(Path.of("/mnt/bin"));
    SmallTreeSite.succeed(small.syschroot("link", "one", "--into", bin.toString()));

    Outcome outcome =
        small.user().program(bin + "/one", "sh", "-c", "cd /; " + LOOK).in(Path.of("/")).run();

    assertThat(outcome).hasToString("status 0\nout: /\n1\n\nerr: ");
  }

  @Test
  void run_byRoot_hasItToo() throws Exception {
    SmallTreeSite.succeed(small.syschroot("mount", "one"));
    for (String option : List.of("--shared", "--private")) {
      assertThat(small.run("run", option, "one", "--", "sh", "-c", LOOK).outText())
          .as(option)
          .startsWith("/\n1\n");
    }
  }

  @Test
  void mountAndUmount_anyNumberOfTimes_areToldByStatus() throws Exception {
    assertThat(small.run("status", "one").outText()).contains("missing  /: root-mount is set");
    assertThat(small.run("mount", "--dry-run", "one").outText())
        .contains("one: would mount " + tree + " on itself");
    for (int i = 0; i < 2; i++) {
      SmallTreeSite.succeed(small.syschroot("mount", "one"));
      Outcome status = small.run("status", "one");
      assertThat(status.status()).as("%s", status).isZero();
      assertThat(status.outText()).contains("mounted  /\n");
    }
    assertThat(Program.of("findmnt", "-n", "-o", "TARGET", "-M", tree.toString()).run().outText())
        .isEqualTo(tree + "\n");

    for (int i = 0; i < 2; i++) {
      SmallTreeSite.succeed(small.syschroot("umount", "one"));
      assertThat(isMountPoint()).isFalse();
    }
    assertThat(small.run("status", "one").status()).isEqualTo(1);
  }

  @Test
  void umount_rootInUse_isRefusedUnlessLazy() throws Exception {
    SmallTreeSite.succeed(small.syschroot("mount", "one"));
    Program.Running user =
        Program.of(
                small.syschroot("run", "--shared", "one", "--", "sh", "-c", "echo; exec sleep 60"))
            .start();
    try (user) {
      for (int i = 0; i < 300 && user.outSoFar().isEmpty(); i++) {
        Thread.sleep(100);
      }
      assertThat(small.run("umount", "one").status()).isEqualTo(125);
      assertThat(small.run("umount", "--lazy", "one").status()).isZero();
      assertThat(isMountPoint()).isFalse();
      user.process().destroyForcibly().waitFor();
    }
  }

  @Test
  void mount_somethingMountedInTheTree_isRefusedAndNothingIsMounted() throws Exception {
    Path point = tree.resolve("etc");
    SmallTreeSite.succeed("mount", "-t", "tmpfs", "none", point.toString());
    Outcome outcome = small.run("mount", "one");
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText()).contains("something is mounted in " + tree);
    assertThat(isMountPoint()).isFalse();
    SmallTreeSite.succeed("umount", point.toString());
  }

  /** A copy of a shared mount would have each mount in it once more, beneath it. */
  @Test
  void mount_onASharedFilesystem_mountsEachOnceAndIsSeenByOthers() throws Exception {
    String script =
        "mount --make-rshared / && \"$@\" || exit; grep -c \" $TREE/proc \" /proc/self/mountinfo;"
            + " findmnt -n -o PROPAGATION -M $TREE; umount -R $TREE";
    String[] words = {"unshare", "-m", "--propagation", "private", "env", "TREE=" + tree, "sh"};
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("-c", script, "sh"));
    all.addAll(List.of(small.syschroot("mount", "one")));
    assertThat(Program.of(all).run()).hasToString("status 0\nout: 1\nshared\n\nerr: ");
  }

  @Test
  void umount_ofAnAdministratorsOwnMountOnItself_leavesItWithoutTheSetting() throws Exception {
    image("");
    SmallTreeSite.succeed("mount", "--bind", tree.toString(), tree.toString());
    SmallTreeSite.succeed(small.syschroot("mount", "one"));
    SmallTreeSite.succeed(small.syschroot("umount", "one"));
    assertThat(isMountPoint()).isTrue();
    SmallTreeSite.succeed("umount", tree.toString());
  }

  /** A mount point cannot be exchanged for another directory. */
  @Test
  void update_whileItIsMounted_isRefusedAndLeavesNothing() throws Exception {
    Path newer = SmallTreeSite.makeTree(Path.of("/mnt/newer"), "sh");
    SmallTreeSite.succeed(small.syschroot("mount", "one"));
    List<Path> beside = names(Path.of("/mnt"));

    Outcome outcome = small.run("update", "one", "--from", newer.toString());

    assertThat(outcome.status()).as("%s", outcome).isEqualTo(125);
    assertThat(outcome.errText()).contains(tree + " is a mount point, and cannot be exchanged");
    assertThat(names(Path.of("/mnt"))).isEqualTo(beside);
    assertThat(isMountPoint()).isTrue();
  }

  private static List<Path> names(Path directory) throws IOException {
    try (Stream<Path> names = Files.list(directory)) {
      return names.sorted().toList();
    }
  }
}
