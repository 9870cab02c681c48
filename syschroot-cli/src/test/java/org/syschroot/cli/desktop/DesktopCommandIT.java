// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.desktop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** Desktop entries of an ordinary user and of root, and what their command line starts. */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "setpriv", "desktop-file-validate"})
class DesktopCommandIT {
  private static final String NAME = "syschroot-deb.desktop";

  private TestSite site;
  private Path home;

  @BeforeEach
  void makeSite() throws Exception {
    site = TestSite.empty();
    home = Files.createTempDirectory(Path.of("/tmp"), "syschroot-desktop");
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxrwxrwx"));
    MountSite.host("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/mnt");
    MountSite.host("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/usr/local/share");
    Files.createDirectory(Path.of("/mnt/bin4"));
    // As systemd leaves it: shared, and with the directory for those who will log in.
    MountSite.host("mount", "-t", "tmpfs", "-o", "mode=755", "none", "/run");
    MountSite.host("mount", "--make-shared", "/run");
    Files.createDirectories(Path.of("/run/user/1000"));
    site.image(
        "deb",
        "root = \""
            + TestImages.deb32()
            + "\"\nmounts = [\"standard\", \"desktop\"]\n[launchers]\ndirectory = \"/mnt/bin4\"\n"
            + "names = [\"bash\"]\n");
    assertThat(run(0, "mount", "deb").status()).isZero();
    assertThat(run(0, "link", "deb").status()).isZero();
  }

  @AfterEach
  void removeSite() throws Exception {
    run(0, "umount", "deb");
    MountSite.host("umount", "/mnt");
    MountSite.host("umount", "/usr/local/share");
    MountSite.host("umount", "--recursive", "/run");
    MountSite.host("rm", "-rf", TestImages.deb32() + "/mnt/bin4", home.toString());
    site.close();
  }

  private Outcome run(int uid, String command, String... words) throws Exception {
    List<String> all = new ArrayList<>();
    if (uid != 0) {
      all.addAll(List.of("setpriv", "--reuid", "" + uid, "--regid", "" + uid, "--clear-groups"));
    }
    all.add(TestImages.command().toString());
    all.addAll(List.of(command, "--config", site.directory().toString()));
    all.addAll(List.of(words));
    return Program.of(all).with(Map.of("HOME", home.toString())).run();
  }

  @Test
  void install_asUser_writesIntoTheUsersDirectoryAndRemovesItAgain() throws Exception {
    Path entry = home.resolve(".local/share/applications/" + NAME);
    Path icon = home.resolve(".local/share/icons/hicolor/scalable/apps/syschroot-deb.svg");

    Outcome installed = run(65534, "desktop", "deb", "--install");

    assertThat(installed).hasToString("status 0\nout: " + icon + "\n" + entry + "\n\nerr: ");
    assertThat(Program.of("desktop-file-validate", entry.toString()).run())
        .hasToString("status 0\nout: \nerr: ");
    assertThat(Files.readString(entry)).contains("\nIcon=" + icon + "\n");
    assertThat(Files.readString(icon)).contains(">deb</text>");
    assertThat(run(65534, "desktop", "deb", "--install").status()).isZero();

    Outcome removed = run(65534, "desktop", "deb", "--remove");

    assertThat(removed.outText()).isEqualTo("removed " + entry + "\nremoved " + icon + "\n");
    assertThat(entry).doesNotExist();
    assertThat(icon).doesNotExist();
  }

  @Test
  void install_asRoot_writesForAllButReplacesNothingForeign() throws Exception {
    Path entry = Path.of("/usr/local/share/applications").resolve(NAME);
    assertThat(run(0, "desktop", "deb", "--install").status()).isZero();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(entry)))
        .isEqualTo("rw-r--r--");
    Files.writeString(entry, "[Desktop Entry]\n");

    for (String option : List.of("--install", "--remove")) {
      Outcome refused = run(0, "desktop", "deb", option);
      assertThat(refused.status()).isEqualTo(125);
      assertThat(refused.errText()).contains(entry + " was not written by syschroot");
    }
    assertThat(Files.readString(entry)).isEqualTo("[Desktop Entry]\n");
  }

  @Test
  void desktopMounts_loginAfterwards_isSeenInTheImage() throws Exception {
    MountSite.host("mount", "-t", "tmpfs", "none", "/run/user/1000");
    Files.writeString(Path.of("/run/user/1000/bus"), "of the session");

    Path seen = TestImages.deb32().resolve("run/user/1000/bus");

    assertThat(seen).hasContent("of the session");
    MountSite.host("umount", "/run/user/1000");
    assertThat(seen).doesNotExist();
  }

  /** A desktop hands the Exec line's words to a terminal; here the terminal is script(1). */
  @Test
  @RequiresCommand({"script"})
  void exec_inATerminal_titleAndPromptNameTheImage() throws Exception {
    assertThat(run(65534, "desktop", "deb", "--install").status()).isZero();
    Path input = Files.writeString(home.resolve("input"), "getconf LONG_BIT\nexit\n");
    String exec =
        Files.readAllLines(home.resolve(".local/share/applications/" + NAME)).stream()
            .filter(line -> line.startsWith("Exec="))
            .findFirst()
            .orElseThrow()
            .substring("Exec=".length());
    // Its words are those of a shell's double quotes, once the escapes of strings are undone.
    String command = exec.replace("\\\\", "\\").replace("%%", "%");

    Outcome outcome =
        Program.of(
                "setpriv",
                "--reuid",
                "65534",
                "--regid",
                "65534",
                "--clear-groups",
                "script",
                "-qec",
                command,
                "/dev/null")
            .with(Map.of("HOME", home.toString(), "TERM", "xterm"))
            .in(home)
            .input(input)
            .run();

    assertThat(outcome.outText())
        .as("%s", outcome)
        .contains("\u001b]0;deb: " + home + "\u0007", "(deb)", "32\r\n");
  }
}
