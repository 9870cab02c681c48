// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.cli.launcher.LinkSite.BIN;
import static org.syschroot.cli.launcher.LinkSite.MNT;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.testing.Dose;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** {@code link}, {@code unlink} and {@code launcher show}: what they make, refuse and say. */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "setpriv"})
class LinkCommandIT {
  private static final String LAUNCHERS =
      "[launchers]\ndirectory = \"/mnt/bin4\"\nnames = [\"sh\", \"bash\"]\n";

  private LinkSite at;

  @BeforeEach
  void makeSite() throws Exception {
    at = new LinkSite();
    at.mount();
  }

  @AfterEach
  void removeSite() throws Exception {
    at.close();
  }

  @Test
  void link_names_saysWhatItMade() throws Exception {
    assertThat(at.link("sh", "getconf"))
        .hasToString(
            "status 0\nout: /mnt/bin4/sh: /bin/sh of deb, for everyone\n"
                + at.root
                + "/mnt/bin4/sh -> /bin/sh\n/mnt/bin4/getconf: /bin/getconf of deb, for everyone\n"
                + at.root
                + "/mnt/bin4/getconf -> /bin/getconf\n\nerr: ");
    assertThat(at.link())
        .hasToString(
            "status 0\nout: /mnt/bin4/deb: a shell or any command of deb, for everyone\n\nerr: ");
    assertThat(at.root.resolve("mnt/bin4/deb")).doesNotExist();
    assertThat(Files.readSymbolicLink(at.root.resolve("mnt/bin4/sh"))).hasToString("/bin/sh");
    assertThat(Files.size(BIN.resolve("deb"))).isLessThanOrEqualTo(8192);
  }

  @Test
  void link_afterAChange_replacesAtOnceAndStatusKnows() throws Exception {
    at.configure(LAUNCHERS);
    assertThat(status(1)).contains("missing  /mnt/bin4/sh\n", "missing  /mnt/bin4/bash\n");
    assertThat(at.run("link", "--all").status()).isZero();
    assertThat(status(0)).contains("linked   /mnt/bin4/sh\n", "linked   /mnt/bin4/bash\n");
    at.configure("groups = [\"daemon\"]\n" + LAUNCHERS);
    assertThat(status(1)).contains("outdated /mnt/bin4/sh: its permissions differ");
    at.configure("[environment]\nset = { CLUSTER = \"bham\" }\n" + LAUNCHERS);
    assertThat(status(1)).contains("outdated /mnt/bin4/sh: the settings have changed");
    // Somebody calls it all the time.
    String loop = "until [ -e stop ]; do " + BIN + "/sh -c : || exit 9; done";
    try (Program.Running caller = at.as("65534", "", "sh", "-c", loop).start()) {
      for (int i = 0; i < Dose.of(2, 100); i++) {
        assertThat(at.run("link", "deb").status()).isZero();
      }
      Files.createFile(at.work.resolve("stop"));
      assertThat(caller.await()).hasToString("status 0\nout: \nerr: ");
    }
    assertThat(status(0)).contains("linked   /mnt/bin4/sh\n");
    at.assertPrints("bham\n", BIN + "/sh", "-c", "echo $CLUSTER");
    try (var files = Files.list(BIN)) {
      assertThat(files.map(file -> file.getFileName().toString()).sorted())
          .containsExactly("bash", "sh");
    }
    JsonObject json =
        JsonParser.parseString(at.run("status", "--json").outText())
            .getAsJsonArray()
            .get(0)
            .getAsJsonObject();
    assertThat(json.get("launchers"))
        .hasToString(
            "[{\"path\":\"/mnt/bin4/sh\",\"state\":\"linked\",\"detail\":\"\"},"
                + "{\"path\":\"/mnt/bin4/bash\",\"state\":\"linked\",\"detail\":\"\"}]");
  }

  private String status(int expected) throws Exception {
    Outcome outcome = at.run("status", "deb");
    assertThat(outcome.status()).as("%s", outcome).isEqualTo(expected);
    return outcome.outText();
  }

  private void assertRefused(String message, String command, String... words) throws Exception {
    Outcome outcome = at.run(command, words);
    assertThat(outcome.errText()).startsWith("syschroot: ").contains(message);
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.outText()).isEmpty();
  }

  @Test
  void link_whatCannotWork_isRefusedAndChangesNothing() throws Exception {
    String into = BIN.toString();
    assertRefused(
        "deb has no program /bin/frob or /usr/bin/frob",
        "link",
        "deb",
        "--into",
        into,
        "sh",
        "frob");
    Files.writeString(BIN.resolve("bash"), "mine");
    assertRefused("exists and is not a launcher", "link", "deb", "--into", into, "bash");
    assertThat(BIN.resolve("bash")).hasContent("mine");
    Files.delete(BIN.resolve("bash"));
    assertRefused("its directory is missing", "link", "deb", "--into", "/mnt/none", "sh");
    assertRefused(
        "is writable by users other than root", "link", "deb", "--into", at.work.toString(), "sh");
    assertRefused("no [launchers] in its configuration file", "link", "deb");
    at.configure("users = [\"nobody\", \"no-such\"]\n");
    assertRefused(
        ":4:1: users: the host has no user \"no-such\"", "link", "deb", "--into", into, "sh");
    at.configure("");
    assertThat(at.run("umount", "deb").status()).isZero();
    assertRefused(
        "is not mounted, and a launcher does not mount it", "link", "deb", "--into", into, "sh");
    assertThat(BIN).isEmptyDirectory();
    assertThat(at.root.resolve("mnt/bin4")).doesNotExist();
    for (String[] words :
        new String[][] {{"deb", "sh"}, {}, {"--all", "deb"}, {"deb", "--into", "x"}}) {
      assertThat(at.run("link", words).status()).isEqualTo(2);
    }
  }

  @Test
  void link_fileSystemIsNosuid_isRefused() throws Exception {
    MountSite.host("mount", "-o", "remount,nosuid", MNT.toString());
    assertRefused("is mounted nosuid", "link", "deb", "--into", BIN.toString(), "sh");
    assertThat(BIN).isEmptyDirectory();
  }

  @Test
  void link_directoryBehindAUsersLink_isRefused() throws Exception {
    Path link = Files.createSymbolicLink(MNT.resolve("link"), BIN);
    MountSite.host("chown", "-h", "nobody", link.toString());
    assertRefused("/mnt/link", "link", "deb", "--into", link.toString(), "sh");
    assertThat(BIN).isEmptyDirectory();
  }

  @Test
  void link_fileSystemWithoutCapabilities_isRefusedAndSetUserIdWorks() throws Exception {
    Path into = Files.createDirectory(MNT.resolve("plain"));
    MountSite.host("mount", "-t", "ramfs", "-o", "mode=755", "none", into.toString());
    at.configure("[launchers]\ndirectory = \"/mnt/plain\"\nnames = [\"sh\"]\n");
    assertRefused("cannot hold file capabilities", "link", "deb");
    assertRefused("(--setuid)", "link", "--all");
    assertThat(into).isEmptyDirectory();
    assertThat(status(1)).contains("missing  /mnt/plain/sh\n");
    assertThat(at.run("link", "--setuid", "deb").status()).isZero();
    assertThat(status(0)).contains("linked   /mnt/plain/sh\n");
    at.assertPrints("65534\ni686\n", into + "/sh", "-c", "id -u; uname -m");
    MountSite.host("mount", "-o", "remount,nosuid", into.toString());
    assertRefused("is mounted nosuid", "link", "--setuid", "deb");
    assertThat(at.user(into + "/sh", "-c", "id -u").errText())
        .contains("cannot enter: Operation not permitted", "nosuid mount");
    MountSite.host("umount", into.toString());
    MountSite.host("rm", "-r", at.root + "/mnt/plain");
  }

  @Test
  void linkInTheImage_directoryLeadsOut_isMadeInTheImageOrNotAtAll() throws Exception {
    Path victim = Files.createDirectory(at.work.resolve("victim"));
    for (String target :
        List.of(victim.toString(), "../".repeat(30) + victim, "/proc/1/root/tmp")) {
      Files.createSymbolicLink(at.root.resolve("mnt/bin4"), Path.of(target));
      assertThat(at.link("sh").outText()).contains("/mnt/bin4/sh: /bin/sh of deb");
      assertThat(victim).isEmptyDirectory();
      assertThat(at.run("unlink", "deb", "--into", BIN.toString(), "sh").status()).isZero();
      Files.delete(at.root.resolve("mnt/bin4"));
    }
  }

  @Test
  void linkInTheImage_somethingElseIsThere_isLeftAndTold() throws Exception {
    Files.createDirectories(at.root.resolve("mnt/bin4"));
    Files.writeString(at.root.resolve("mnt/bin4/sh"), "its own");
    assertThat(at.link("sh").errText()).contains("another file of that name exists");
    assertThat(at.root.resolve("mnt/bin4/sh")).hasContent("its own");
    at.run("unlink", "deb", "--into", BIN.toString(), "sh");
    assertThat(at.root.resolve("mnt/bin4/sh")).hasContent("its own");
  }

  @Test
  void unlink_removesOnlyWhatIsOurs() throws Exception {
    at.site.image("other", "root = \"" + at.root + "\"\nmounts = []\n");
    at.link("sh", "bash");
    String into = BIN.toString();
    assertThat(at.run("link", "other", "--into", into, "dash").status()).isZero();
    assertRefused(
        "is a launcher of other: \"syschroot unlink", "link", "deb", "--into", into, "dash");
    assertRefused("is a launcher of other: it stays", "unlink", "deb", "--into", into, "dash");
    Files.writeString(BIN.resolve("cat"), "mine");
    assertRefused("is not a launcher", "unlink", "deb", "--into", into, "cat");
    assertThat(BIN.resolve("cat")).hasContent("mine");
    assertThat(at.run("unlink", "deb", "--into", into, "sh"))
        .hasToString(
            "status 0\nout: removed /mnt/bin4/sh\nremoved " + at.root + "/mnt/bin4/sh\n\nerr: ");
    assertThat(BIN.resolve("sh")).doesNotExist();
    assertThat(Files.isSymbolicLink(at.root.resolve("mnt/bin4/bash"))).isTrue();
    assertThat(at.run("unlink", into + "/dash", into + "/bash").outText())
        .isEqualTo("removed /mnt/bin4/dash\nremoved /mnt/bin4/bash\n");
    assertThat(at.run("unlink", "deb", "--into", into, "sh"))
        .hasToString("status 0\nout: \nerr: syschroot: /mnt/bin4/sh does not exist\n");
  }

  @Test
  void link_rootBelowAClosedDirectory_saysWhoCannotGetIn() throws Exception {
    Path closed = Files.createDirectory(MNT.resolve("closed"));
    Files.createDirectories(closed.resolve("root/bin"));
    Files.copy(Path.of("/bin/busybox"), closed.resolve("root/bin/sh"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxr-x---"));
    at.site.image(
        "closed", "root = \"" + closed + "/root\"\npersonality = \"linux\"\nmounts = []\n");
    Outcome outcome = at.run("link", "closed", "--into", BIN.toString(), "closed");

    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(outcome.errText())
        .isEqualTo(
            "syschroot: closed: users who cannot search "
                + closed
                + " get \"Permission denied\" from launchers\nhint: chmod o+x "
                + closed
                + "\n");
    assertThat(at.user(BIN + "/closed", "true"))
        .hasToString(
            "status 125\nout: \nerr: syschroot: closed: cannot enter "
                + closed
                + "/root: Permission denied\n");
  }

  @Test
  void launcherShow_saysWhatTheFileDoes() throws Exception {
    at.link("sh");
    String sh = BIN + "/sh";
    JsonObject json =
        JsonParser.parseString(at.run("launcher", "show", "--json", sh).outText())
            .getAsJsonObject();
    assertThat(json.get("image").getAsString()).isEqualTo("deb");
    assertThat(json.get("root").getAsString()).isEqualTo(at.root.toString());
    assertThat(json.get("program").getAsString()).isEqualTo("/bin/sh");
    assertThat(json.get("capability").getAsString()).isEqualTo("cap_sys_chroot=ep");
    assertThat(json.get("owner").getAsString()).isEqualTo("0:0 mode 0755");
    assertThat(json.get("intact").getAsBoolean()).isTrue();
    assertThat(json.get("state").getAsString()).isEqualTo("linked");
    assertThat(json.get("digest").getAsString()).hasSize(64);
    assertThat(json.has("listing")).isFalse();
    Outcome listing = at.run("launcher", "show", "--listing", sh);
    assertThat(listing.outText())
        .contains("step enter the image's root", "chroot(", "execve(", "syscall");
    assertThat(listing.status()).isZero();
    // A copy is the same launcher without its privilege.
    MountSite.host("cp", sh, MNT + "/copy");
    assertThat(at.run("launcher", "show", MNT + "/copy").outText())
        .contains("capability  none\n", "intact      true\n", "state       outdated\n");
    assertThat(at.user(MNT + "/copy", "-c", "echo in").errText())
        .startsWith("syschroot: deb: cannot enter: Operation not permitted; do not copy");
    byte[] bytes = Files.readAllBytes(BIN.resolve("sh"));
    bytes[0x3e0 + 20] ^= 1;
    Files.write(MNT.resolve("copy"), bytes);
    assertThat(at.run("launcher", "show", MNT + "/copy").status()).isIn(1, 125);
    assertRefused("is not a launcher: it has no", "launcher", "show", "/bin/dash");
    Files.createSymbolicLink(MNT.resolve("link"), BIN.resolve("sh"));
    assertRefused("is a symbolic link", "launcher", "show", MNT + "/link");
  }
}
