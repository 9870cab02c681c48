// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** Images that are one file, made by the tools of their filesystems. */
@InOwnMountNamespace
@RequiresCommand({"busybox", "mksquashfs", "mkfs.erofs", "mkfs.ext4", "useradd", "runuser"})
class ImageFileIT {
  /** Where the files of this class are, to tell them from those of tests in other JVMs. */
  private static final String FILES = "/image-files/";

  private static final String LOOK =
      "grep ' / / ' /proc/self/mountinfo | grep -o syschroot:[a-z]*; touch /new 2>&1; ls / | grep -v lost;"
          + " cat /etc/name";

  private SmallTreeSite small;
  private TestSite site;
  private OrdinaryUser user;
  private Path file;

  @BeforeEach
  void make() throws Exception {
    small = SmallTreeSite.create("sh", "grep", "touch", "ls", "cat", "sleep");
    site = small.site();
    user = small.user();
    SmallTreeSite.succeed("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/run");
    Files.writeString(small.tree().resolve("etc/name"), "packed\n");
    file = Files.createDirectory(Path.of("/mnt" + FILES)).resolve("one.squashfs");
    pack("squashfs", file);
    image("one", file);
  }

  @AfterEach
  void remove() throws Exception {
    try {
      LoopFiles.awaitFreed(FILES);
      SmallTreeSite.succeed("umount", "-l", "/run");
    } finally {
      small.close();
    }
  }

  private void image(String name, Path root) throws IOException {
    site.image(
        name, "root = \"" + root + "\"\nmounts = [\"standard\", \"/home\"]\ncwd = \"root\"\n");
  }

  private static void pack(String kind, Path to) throws Exception {
    String tree = "/mnt/tree";
    switch (kind) {
      case "squashfs" ->
          SmallTreeSite.succeed("mksquashfs", tree, to.toString(), "-quiet", "-all-root");
      case "erofs" ->
          SmallTreeSite.succeed("mkfs.erofs", "--quiet", "--all-root", to.toString(), tree);
      case "ext4" -> {
        SmallTreeSite.succeed("truncate", "-s", "16M", to.toString());
        SmallTreeSite.succeed("mkfs.ext4", "-q", "-d", tree, "-E", "root_owner=0:0", to.toString());
      }
      default -> throw new IllegalArgumentException(kind);
    }
  }

  private static String seen(String image) {
    return "status 0\nout: syschroot:"
        + image
        + "\ntouch: /new: Read-only file system\nbin\ndev\netc\nhome\nproc\nsys\ntmp\npacked\n\nerr: ";
  }

  @ParameterizedTest
  @CsvSource({"squashfs, other", "erofs, a.squashfs", "ext4, image.tar"})
  void run_fileOfAnyName_isMountedForTheCommandAlone(String kind, String name) throws Exception {
    Path other = file.resolveSibling(name);
    pack(kind, other);
    image("one", other);
    String before = Files.readString(Path.of("/proc/self/mountinfo"));

    assertThat(small.run("run", "one", "--", "sh", "-c", LOOK)).hasToString(seen("one"));
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).isEqualTo(before);
  }

  @Test
  void run_killed_leavesNoLoopDevice() throws Exception {
    Program.Running sleeper =
        Program.of(small.syschroot("run", "one", "--", "sleep", "60")).start();
    try (sleeper) {
      Path name = Path.of("/proc", Long.toString(sleeper.pid()), "comm");
      for (int i = 0; i < 300 && !Files.readString(name).equals("sleep\n"); i++) {
        Thread.sleep(100);
      }
      assertThat(Files.readString(name)).isEqualTo("sleep\n");
      sleeper.process().destroyForcibly().waitFor();
    }
    LoopFiles.awaitFreed(FILES);
  }

  @Test
  void mount_thenUmount_showsItToAllAndFreesIt() throws Exception {
    Outcome unprivileged =
        user.program(small.syschroot("run", "one", "--", "sh", "-c", LOOK)).run();
    assertThat(unprivileged.toString())
        .startsWith("status 125")
        .contains(
            "cannot mount " + file + ": the kernel lets only root mount image files",
            "root mounts it for all with: syschroot mount one");

    assertThat(small.run("mount", "--dry-run", "one").outText())
        .contains("would mount " + file + " on /run/syschroot/images/one");
    assertThat(small.run("mount", "one").status()).isZero();
    assertThat(small.run("mount", "one").status()).isZero();
    assertThat(small.run("status", "one").status()).isZero();
    assertThat(user.program(small.syschroot("run", "one", "--", "sh", "-c", LOOK)).run().outText())
        .contains("touch: /new: Read-only file system", "packed");
    assertThat(small.run("run", "one", "--", "cat", "/etc/name").outText()).isEqualTo("packed\n");

    assertThat(small.run("umount", "one")).hasToString("status 0\nout: \nerr: ");
    LoopFiles.awaitFreed(FILES);
    assertThat(small.run("umount", "one").status()).isZero();
    assertThat(small.run("status", "one").status()).isEqualTo(1);
  }

  @Test
  void launchers_needTheMountOfBoot() throws Exception {
    assertThat(small.run("link", "one", "--into", "/mnt").toString())
        .contains("is a file that is not mounted", "syschroot mount one");

    assertThat(small.run("mount", "one").status()).isZero();
    assertThat(small.run("link", "one", "--into", "/mnt").status()).isZero();
    assertThat(user.program("/mnt/one", "cat", "/etc/name").run())
        .hasToString("status 0\nout: packed\n\nerr: ");
    assertThat(small.run("umount", "one").status()).isZero();
    assertThat(user.program("/mnt/one", "cat", "/etc/name").run().status()).isEqualTo(125);
  }

  /** Who is at it already keeps what was there, and nothing else is at fault. */
  @Test
  void run_fileReplacedMeanwhile_keepsItsOwn() throws Exception {
    Files.writeString(small.tree().resolve("etc/name"), "other!\n");
    pack("squashfs", Path.of("/mnt/image-files/other"));
    Path pipe = Path.of("/mnt/pipe");
    SmallTreeSite.succeed("mkfifo", pipe.toString());
    try (RandomAccessFile go = new RandomAccessFile(pipe.toFile(), "rw")) {
      Program.Running first =
          Program.of(
                  small.syschroot(
                      "run", "one", "--", "sh", "-c", "echo; read go; exec cat /etc/name"))
              .input(pipe)
              .start();
      for (int i = 0; i < 300 && first.outSoFar().isEmpty(); i++) {
        Thread.sleep(100);
      }
      SmallTreeSite.succeed("mv", "/mnt/image-files/other", file.toString());
      assertThat(small.run("run", "one", "--", "cat", "/etc/name").outText()).isEqualTo("other!\n");
      go.write('\n');
      assertThat(first.await().outText()).isEqualTo("\npacked\n");
    }
  }

  @Test
  void explain_asScript_mountsIt() throws Exception {
    Path script = Path.of("/mnt/script");
    Files.writeString(
        script,
        SmallTreeSite.succeed(
                small.syschroot("explain", "--format", "sh", "one", "--", "sh", "-c", LOOK))
            .outText());
    assertThat(Program.of("sh", script.toString()).run()).hasToString(seen("one"));
  }

  @ParameterizedTest
  @CsvSource({
    "chown 65533 /mnt/image-files/one.squashfs, belongs to uid 65533",
    "chmod 666 /mnt/image-files/one.squashfs, is writable by users other than root",
    "chown 65533 /mnt, belongs to uid 65533",
    "ln -sf /mnt/image-files/one.squashfs /mnt/link && chown -h 65533 /mnt/link, belongs to uid 65533",
    "tar -C /mnt/tree -cf /mnt/image-files/one.squashfs ., is an archive; make an image of it with: syschroot create",
    "tar -C /mnt/tree -czf /mnt/image-files/one.squashfs ., is an archive; make an image of it with: syschroot create",
    "head -c 4096 /dev/zero >/mnt/image-files/one.squashfs, hint: make such a file of an image with: syschroot pack",
    "head -c 100 /mnt/image-files/one.squashfs >/mnt/x && mv /mnt/x /mnt/image-files/one.squashfs, the kernel cannot mount its squashfs: Input/output error",
    "head -c 100 /mnt/image-files/one.squashfs >/mnt/x && mv /mnt/x /mnt/image-files/one.squashfs, hint: the file is damaged",
    "printf X | dd of=/mnt/image-files/one.squashfs bs=1 seek=28 conv=notrunc, the kernel cannot mount its squashfs: Invalid argument",
    "printf X | dd of=/mnt/image-files/one.squashfs bs=1 seek=28 conv=notrunc, hint: the file is damaged",
  })
  void run_fileThatIsNotToBeMounted_isRefused(String what, String why) throws Exception {
    if (what.contains("/mnt/link")) {
      image("one", Path.of("/mnt/link"));
    }
    SmallTreeSite.succeed("sh", "-c", what);

    Outcome outcome = small.run("run", "one", "--", "cat", "/etc/name");

    assertThat(outcome.toString()).startsWith("status 125").contains(why);
    assertThat(small.run("mount", "one").toString()).startsWith("status 125").contains(why);
    SmallTreeSite.succeed("chown", "0", "/mnt");
  }

  @Test
  void adopt_file_writesItsSettings() throws Exception {
    assertThat(small.run("create", "two", "--adopt", file.toString()).status()).isZero();
    assertThat(small.run("run", "two", "--", "cat", "/etc/name").outText()).isEqualTo("packed\n");
    assertThat(small.run("list").outText()).contains(file.toString());
    assertThat(small.run("remove", "--yes", "two").toString())
        .contains("is in a file, which is left alone");
    assertThat(file).exists();
  }
}
