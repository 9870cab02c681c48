// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** The same tree on a filesystem in user space (FUSE), as CVMFS is one, by every way into it. */
@InOwnMountNamespace
@RequiresCommand({
  "busybox",
  "useradd",
  "userdel",
  "runuser",
  "unshare",
  "mksquashfs",
  "squashfuse",
  "bindfs",
  "fuse-overlayfs",
  "fusermount3"
})
class FuseTreeIT extends ReadOnlyTreeIT {
  private static final String CHANGE = "echo new >/new; cat /etc/passwd >>/new; cat /new";

  @Override
  void present(Path tree, Path root) throws Exception {
    Path file = pack(tree, Path.of("/mnt/tree.squashfs"));
    SmallTreeSite.succeed("squashfuse", "-o", "ro,allow_other", file.toString(), root.toString());
    assertThat(Files.readString(Path.of("/proc/thread-self/mountinfo")))
        .containsPattern(" " + root + " ro,.* - fuse.squashfuse ");
  }

  private static Path pack(Path tree, Path file) throws Exception {
    SmallTreeSite.succeed("mksquashfs", tree.toString(), file.toString(), "-quiet", "-noappend");
    return file;
  }

  @Test
  void run_layerThatIsKept_isAboveTheTree() throws Exception {
    Path kept = Files.createDirectory(Path.of("/mnt/kept"));
    small()
        .site()
        .image("kept", "root = \"/mnt/root\"\ncwd = \"root\"\nlayer = \"" + kept + "\"\n");
    String[] first = small().syschroot("run", "kept", "--", "sh", "-c", CHANGE);
    assertThat(Program.of(first).run())
        .hasToString("status 0\nout: new\nroot:x:0:0::/:/bin/sh\n\nerr: ");
    assertThat(small().run("run", "kept", "--", "cat", "/new").outText()).startsWith("new\nroot:");
    assertThat(kept.resolve("upper/new")).exists();
  }

  @Test
  void run_layerThatIsThrownAway_isAboveTheTree() throws Exception {
    String[] run = small().syschroot("run", "--throw-away", "ro", "--", "sh", "-c", CHANGE);
    String seen = "status 0\nout: new\nroot:x:0:0::/:/bin/sh\n\nerr: ";
    assertThat(Program.of(run).run()).hasToString(seen);
    assertThat(small().user().program(run).run()).hasToString(seen);
  }

  /** What is written needs a filesystem that overlayfs takes, which FUSE is not. */
  @Test
  void run_layerThatIsKeptOnFuse_isRefused() throws Exception {
    Path disk = Files.createDirectory(Path.of("/mnt/disk"));
    Path kept = Files.createDirectory(Path.of("/mnt/kept"));
    SmallTreeSite.succeed("bindfs", disk.toString(), kept.toString());
    small()
        .site()
        .image("kept", "root = \"/mnt/root\"\ncwd = \"root\"\nlayer = \"" + kept + "\"\n");

    Outcome outcome = small().run("run", "kept", "--", "sh", "-c", CHANGE);

    assertThat(outcome.toString())
        .startsWith("status 125")
        .contains(
            "the filesystem of the layer " + kept + " cannot hold one",
            "hint: use a directory on ext4");
  }

  /** As a server does that exports a directory read-only, whatever its client has mounted. */
  @Test
  void run_filesystemThatDoesNotSayItIsReadOnly_saysHowToSayIt() throws Exception {
    SmallTreeSite.succeed("umount", "/mnt/root");
    SmallTreeSite.succeed("fuse-overlayfs", "-o", "lowerdir=/mnt/tree", "/mnt/root");
    String[] run = small().syschroot("run", "-d", "/", "ro", "--", "ls", "/");
    String remedy = "mount -o remount,bind,ro /mnt/root";
    assertThat(Program.of(run).run().toString()).startsWith("status 125").contains(remedy);
    assertThat(small().run("mount", "ro").toString()).startsWith("status 125").contains(remedy);

    SmallTreeSite.succeed(remedy.split(" "));
    assertThat(Program.of(run).run().outText()).contains("home");
  }

  /** Mounted by the user, for no other users, and as if it could be written to. */
  @Test
  void run_treeThatAUserHasMounted_isTheirs() throws Exception {
    OrdinaryUser user = small().user();
    Path file = pack(small().tree(), Path.of("/mnt/theirs.squashfs"));
    Path root = user.home().resolve("theirs");
    // Everybody's, as udev makes it.
    SmallTreeSite.succeed("mknod", "-m", "666", "/mnt/fuse", "c", "10", "229");
    SmallTreeSite.succeed("mount", "--bind", "/mnt/fuse", "/dev/fuse");
    String[] mount = {"sh", "-c", "mkdir $1 && squashfuse $0 $1", file.toString(), root.toString()};
    try {
      Outcome mounted = user.program(mount).run();
      assertThat(mounted.status()).as("%s", mounted).isZero();
      assertThat(user.syschroot("create", "theirs", "--adopt", root.toString()).run())
          .matches(outcome -> outcome.status() == 0);
      Outcome outcome =
          user.syschroot("run", "theirs", "--", "sh", "-c", "cat /etc/alias; ls /").run();
      assertThat(outcome.status()).as("%s", outcome).isZero();
      assertThat(outcome.outText()).startsWith("root:x:0:0").contains("home\n");
      assertThat(
              user.syschroot("run", "--throw-away", "theirs", "--", "sh", "-c", CHANGE)
                  .run()
                  .outText())
          .startsWith("new\n");
    } finally {
      user.program("fusermount3", "-u", root.toString()).run();
      SmallTreeSite.succeed("umount", "/dev/fuse");
    }
  }
}
