// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.cli.launcher.LinkSite.BIN;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.OrdinaryUser;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** Launchers that make their mounts themselves, linked by the command, for an ordinary user. */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "useradd", "userdel", "runuser", "unshare", "gcc", "make"})
class OwnMountsLauncherIT {
  private LinkSite at;
  private OrdinaryUser user;

  @BeforeEach
  void makeSite() throws Exception {
    at = new LinkSite();
    user = OrdinaryUser.create();
    at.site.image(
        "deb",
        "root = \""
            + at.root
            + "\"\nmounts = [\"standard\", \"/home\"]\n"
            + "[launchers]\ndirectory = \"/mnt/bin4\"\nnames = [\"deb\"]\nmounts = \"entry\"\n");
  }

  @AfterEach
  void removeSite() throws Exception {
    user.close();
    at.close();
  }

  private String[] command(String command, String... words) {
    return at.site.wordsOf(command, words).toArray(String[]::new);
  }

  private Outcome asUser(String... words) throws Exception {
    return user.program(words).run();
  }

  @Test
  void entry_jobWithAPrivateTmp_seesItInTheImage() throws Exception {
    MountSite.host(command("link", "deb"));
    Path script = user.home().resolve("job");
    Files.writeString(script, "cat /tmp/input && uname -m && id -u && echo result >/tmp/output\n");
    String job =
        "mount -t tmpfs -o mode=1777 none /tmp && echo private >/tmp/input && \"$@\""
            + " && cat /tmp/output";
    List<String> words = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c", job, "sh"));
    words.addAll(user.words(List.of("sh", "-c", "cd && exec " + BIN + "/deb sh job")));
    Outcome outcome = Program.of(words).run();
    assertThat(outcome.toString())
        .isEqualTo("status 0\nout: private\ni686\n" + user.uid() + "\nresult\n\nerr: ");
    assertThat(Path.of("/tmp/input")).doesNotExist();
    assertThat(Path.of("/tmp/output")).doesNotExist();
    assertThat(Program.of(command("status", "deb")).run().outText())
        .contains("linked   " + BIN + "/deb");
    MountSite.host(command("unlink", "deb"));
  }

  @Test
  void rootless_makeOfAProjectInTheHomeDirectory_buildsIt() throws Exception {
    // The host's own compiler, in a root directory of the user's with nothing else in it.
    Path image = Files.createDirectory(user.home().resolve("image"));
    for (String directory : List.of("usr", "etc", "home", "dev", "proc", "sys", "tmp")) {
      Files.createDirectory(image.resolve(directory));
    }
    for (String link : List.of("bin", "lib", "lib64", "sbin")) {
      Files.createSymbolicLink(image.resolve(link), Path.of("usr", link));
    }
    MountSite.host("chown", "-R", "-h", user.name() + ":", image.toString());
    at.site.image(
        "tools",
        "root = \""
            + image
            + "\"\nmounts = [\"standard\", \"/usr\", \"/etc:/etc:ro\", \"/home\"]\n");
    String project =
        "mkdir bin project && cd project && echo 'int twice(int n) { return 2 * n; }' >twice.c"
            + " && printf '#include <stdio.h>\\nint twice(int);\\nint main(void) { printf(\"%%d\\\\n\","
            + " twice(21)); return 0; }\\n' >main.c"
            + " && printf 'CFLAGS = -O2 -Wall\\nall: answer\\nanswer: main.o twice.o\\n\\t$(CC) -o $@"
            + " $^\\ncheck: answer\\n\\ttest `./answer` = 42\\n' >Makefile";
    assertThat(asUser("sh", "-c", project).toString()).isEqualTo("status 0\nout: \nerr: ");
    Path launcher = user.home().resolve("bin/tools");
    assertThat(
            asUser(command("link", "tools", "--into", launcher.getParent().toString())).outText())
        .startsWith(launcher + ": a shell or any command of tools");

    Outcome made = asUser("sh", "-c", "cd project && exec " + launcher + " make -j2 all check");

    assertThat(made.errText()).isEmpty();
    assertThat(made.status()).isZero();
    Path answer = user.home().resolve("project/answer");
    assertThat(Files.getAttribute(answer, "unix:uid")).isEqualTo(user.uid());
    assertThat(asUser("sh", "-c", "cd project && ./answer").outText()).isEqualTo("42\n");
  }

  @Test
  void rootless_linkedShownAndUnlinkedByItsUser_takesNoPrivilege() throws Exception {
    Path bin = user.home().resolve("bin");
    assertThat(asUser("mkdir", bin.toString()).status()).isZero();
    assertThat(asUser(command("link", "deb", "--into", bin.toString(), "sh", "deb")).toString())
        .isEqualTo(
            "status 0\nout: "
                + bin
                + "/sh: /bin/sh of deb, for everyone\n"
                + bin
                + "/deb: a shell or any command of deb, for everyone\n\nerr: ");
    assertThat(asUser(bin + "/sh", "-c", "uname -m; pwd; grep CapEff /proc/self/status").toString())
        .isEqualTo("status 0\nout: i686\n" + user.home() + "\nCapEff:\t0000000000000000\n\nerr: ");
    assertThat(asUser(command("launcher", "show", bin + "/deb")).outText())
        .contains(
            "kind        rootless", "capability  none", "intact      true", "state       linked");
    // It is of use to whoever may execute it, with their own numbers.
    Files.copy(bin.resolve("sh"), BIN.resolve("shared"));
    MountSite.host("chmod", "755", BIN.resolve("shared").toString());
    Outcome other =
        Program.of(
                "setpriv",
                "--reuid=4711",
                "--regid=4712",
                "--clear-groups",
                "/mnt/bin4/shared",
                "-c",
                "id -u; id -g")
            .in(Path.of("/tmp"))
            .run();
    assertThat(other.toString()).isEqualTo("status 0\nout: 4711\n4712\n\nerr: ");
    assertThat(asUser(command("unlink", bin + "/sh", bin + "/deb")).status()).isZero();
    assertThat(bin).isEmptyDirectory();
    assertThat(asUser(command("link", "deb", "--into", BIN.toString())).status()).isEqualTo(125);
    assertThat(asUser(command("link", "--setuid", "deb", "--into", bin.toString())).status())
        .isEqualTo(2);
  }
}
