// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.cli.launcher.LinkSite.BIN;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.TestImages;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * What a launcher does for the ordinary user who calls it, in a real image whose mounts are up: the
 * user stays who they are, with their environment, directory, terminal and descriptors.
 */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "setpriv", "script"})
class LauncherAsUserIT {
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

  private Path script(String text) throws IOException {
    Path file = Files.writeString(at.work.resolve("script"), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void commandLauncher_asUser_isTheImagesShell() throws Exception {
    at.link("sh");
    String sh = BIN + "/sh";
    at.assertPrints("i686\n", sh, "-c", "uname -m");
    at.assertPrints("12\n", sh, "-c", "cut -d. -f1 /etc/debian_version");
    at.assertPrints(at.work + "\n", sh, "-c", "pwd");
    at.assertPrints("65534 65534\n", sh, "-c", "echo $(id -u) $(id -g)");
    at.assertPrints("a b|c|\n", sh, "-c", "printf '%s|' \"$@\"; echo", "sh", "a b", "c");
    assertThat(at.user(sh, "-c", "exit 42").status()).isEqualTo(42);
    at.assertPrints("i686\n", sh, "-c", sh + " -c 'uname -m'");
  }

  @Test
  void commandLauncher_asUser_keepsTheEnvironmentAndHasNoCapability() throws Exception {
    at.link("sh");
    Outcome outcome =
        at.as(
                "65534",
                "",
                BIN + "/sh",
                "-c",
                "env; grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status")
            .with(Map.of("LD_LIBRARY_PATH", "/some/lib", "EMPTY", ""))
            .run();
    assertThat(outcome.outText().lines())
        .contains("LD_LIBRARY_PATH=/some/lib", "EMPTY=", "SYSCHROOT_IMAGE=deb")
        .filteredOn(line -> line.startsWith("Cap"))
        .hasSize(4)
        .allMatch(line -> line.endsWith("\t0000000000000000"));
  }

  @Test
  void link_unsetVariables_areRemovedHoweverOftenTheyAreThere() throws Exception {
    at.configure("[environment]\nunset = [\"A\"]\n");
    at.link("env");
    assertThat(
            at.user("env", "-i", "A=1", "AB=2", "B=A=3", BIN + "/env").outText().lines().toList())
        .containsExactly("AB=2", "B=A=3", "SYSCHROOT_IMAGE=deb");
  }

  @Test
  void imageLauncher_asUser_runsAShellOrACommand() throws Exception {
    at.link();
    String deb = BIN + "/deb";
    at.assertPrints("i686\n", deb, "uname", "-m");
    assertThat(at.user(deb, "sh", "-c", "exit 7").status()).isEqualTo(7);
    assertThat(at.user(deb, "no-such-command").status()).isEqualTo(127);
    Path input = Files.writeString(at.work.resolve("input"), "uname -m; pwd; exit 5\n");
    Outcome shell = at.as("65534", "", deb).input(input).run();
    assertThat(shell).hasToString("status 5\nout: i686\n" + at.work + "\n\nerr: ");
    at.assertPrints("i686\n", deb, "-c", "uname -m");
  }

  @Test
  void script_asUser_runsInTheImageOutsideAndInside() throws Exception {
    at.link("sh");
    at.link();
    String script = script("#!" + BIN + "/sh -e\nuname -m; echo \"$1\"; exit 3\n").toString();
    String expected = "status 3\nout: i686\nan argument\n\nerr: ";
    assertThat(at.user(script, "an argument")).hasToString(expected);
    // The link in the image is what makes this work.
    assertThat(at.user(BIN + "/deb", script, "an argument")).hasToString(expected);
    MountSite.host("rm", at.root + "/mnt/bin4/sh");
    assertThat(at.user(BIN + "/deb", script, "an argument").status()).isEqualTo(127);
  }

  @Test
  void groups_othersGetEaccesFromTheKernel() throws Exception {
    at.configure("groups = [\"daemon\"]\n");
    assertThat(at.link("sh").outText()).contains(", for group daemon\n");
    Outcome outside = at.user(BIN + "/sh", "-c", "echo in");
    assertThat(outside.outText()).isEmpty();
    assertThat(outside.errText()).contains("Permission denied");
    assertThat(at.as("65534", "1", BIN + "/sh", "-c", "echo in").run().outText()).isEqualTo("in\n");
    at.configure("users = [\"nobody\"]\ngroups = [\"tty\"]\n");
    at.link("sh");
    at.assertPrints("in\n", BIN + "/sh", "-c", "echo in");
    assertThat(at.as("1", "1", BIN + "/sh", "-c", "echo in").run().errText())
        .contains("Permission denied");
    assertThat(at.as("1", "5", BIN + "/sh", "-c", "echo in").run().outText()).isEqualTo("in\n");
    // Revoking is another link.
    at.configure("groups = [\"daemon\"]\n");
    at.link("sh");
    assertThat(at.user(BIN + "/sh", "-c", "echo in").errText()).contains("Permission denied");
  }

  @Test
  void setUserId_asUser_isTheSameAndDropsIt() throws Exception {
    assertThat(at.run("link", "--setuid", "deb", "--into", BIN.toString(), "sh").outText())
        .startsWith("/mnt/bin4/sh: /bin/sh of deb, for everyone, set-user-ID\n");
    Outcome outcome =
        at.user(BIN + "/sh", "-c", "uname -m; grep -E '^(Uid|CapEff)' /proc/self/status");
    assertThat(outcome)
        .hasToString(
            "status 0\nout: i686\nUid:\t65534\t65534\t65534\t65534\nCapEff:\t0000000000000000\n\nerr: ");
  }

  @Test
  void setUserIdProgramInTheImage_worksUnlessForbidden() throws Exception {
    MountSite.host("mkdir", "-p", at.root + "/mnt/bin4");
    MountSite.host("install", "-m", "4755", at.root + "/usr/bin/id", at.root + "/mnt/bin4/suid-id");
    at.link("sh");
    at.assertPrints("0\n", BIN + "/sh", "-c", "/mnt/bin4/suid-id -u");
    at.configure("no-new-privileges = true\n");
    at.link("sh");
    at.assertPrints("65534\n", BIN + "/sh", "-c", "/mnt/bin4/suid-id -u");
  }

  @Test
  void terminalAndDescriptors_ofTheCaller_areKept() throws Exception {
    at.link("sh");
    String show = "tty; cut -d' ' -f7 /proc/self/stat";
    String inside = "setpriv --reuid 65534 --clear-groups " + BIN + "/sh -c \"" + show + "\"";
    List<String> lines =
        MountSite.host("script", "-qec", show + "; " + inside, "/dev/null")
            .outText()
            .lines()
            .toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).startsWith("/dev/pts/");
    assertThat(lines.subList(2, 4)).isEqualTo(lines.subList(0, 2));
    // No jail: who has a directory of the native system open keeps it.
    String file = "/proc/self/fd/7" + TestImages.checkout() + "/pom.xml";
    String open = "exec 7</; exec " + BIN + "/sh -c 'test -e " + file + " && echo outside'";
    at.assertPrints("outside\n", "sh", "-c", open);
  }
}
