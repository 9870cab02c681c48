// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** What an ordinary user can do, without any privilege, in root's images and in their own. */
@RequiresRoot
@RequiresCommand({
  "debootstrap",
  "useradd",
  "userdel",
  "runuser",
  "unshare",
  "newuidmap",
  "newgidmap"
})
class WithoutRootIT {
  private static TestSite site;
  private static OrdinaryUser user;

  @BeforeAll
  static void prepare() throws Exception {
    site = TestSite.withDeb32();
    String root = "root = \"" + TestImages.deb32() + "\"\n";
    site.image("homes", root + "mounts = [\"standard\", \"/home\"]\n");
    site.image("nowhere", root + "mounts = [\"standard\", \"/usr:/not/there\"]\n");
    site.image("closed", root + "users = [\"root\"]\n");
    user = OrdinaryUser.create("cdrom");
    user.createImage("sh", "id", "cat");
  }

  @AfterAll
  static void remove() throws Exception {
    user.close();
    site.close();
  }

  private static Outcome run(String... words) throws Exception {
    return user.program(site.words(words).toArray(new String[0])).run();
  }

  @Test
  void run_imageOfRoot_isTheSameUserInTheSameDirectoryWithoutPrivilege() throws Exception {
    Outcome outcome =
        run(
            "homes",
            "--",
            "sh",
            "-c",
            "id -u; uname -m; pwd; echo $SYSCHROOT_IMAGE; grep CapEff /proc/self/status;"
                + " echo of mine > here; exit 7");

    assertThat(outcome.errText()).isEmpty();
    assertThat(outcome.outText())
        .isEqualTo(user.uid() + "\ni686\n" + user.home() + "\nhomes\nCapEff:\t0000000000000000\n");
    assertThat(outcome.status()).isEqualTo(7);
    assertThat(user.home().resolve("here")).hasContent("of mine");
    assertThat(Files.getAttribute(user.home().resolve("here"), "unix:uid")).isEqualTo(user.uid());
  }

  @Test
  void run_fileOfASupplementaryGroup_canBeRead() throws Exception {
    Path file = Files.writeString(user.home().resolve("by-group"), "readable\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r-----"));
    Outcome group = Program.of("chgrp", "cdrom", file.toString()).run();
    assertThat(group.status()).as("%s", group).isZero();

    Outcome outcome = run("homes", "--", "sh", "-c", "cat by-group; stat -c %U:%G by-group");

    assertThat(outcome.toString()).isEqualTo("status 0\nout: readable\nnobody:nogroup\n\nerr: ");
  }

  @Test
  void run_statusOfFailures_isThatOfTheContract() throws Exception {
    assertThat(run("homes", "--", "no-such-command").status()).isEqualTo(127);
    assertThat(run("homes", "--", "/etc/passwd").status()).isEqualTo(126);
    assertThat(run("deb32", "--", "true").toString())
        .startsWith("status 125")
        .contains("cannot enter " + user.home() + " in the image: No such file or directory");
  }

  @Test
  void run_asAnotherUser_isRefused() throws Exception {
    assertThat(run("--user", "root", "homes", "--", "true").toString())
        .contains("status 125", "only root can run as another user");
  }

  @Test
  void run_asRoot_isRootOfItsOwnFilesOnly() throws Exception {
    Outcome outcome =
        run("--as-root", "homes", "--", "sh", "-c", "id -u; > mine-too; cat /etc/shadow");

    assertThat(outcome.outText()).isEqualTo("0\n");
    assertThat(outcome.errText()).contains("/etc/shadow: Permission denied");
    assertThat(Files.getAttribute(user.home().resolve("mine-too"), "unix:uid"))
        .isEqualTo(user.uid());
  }

  @Test
  void run_asRootWithNumbersOfTheAdministrator_hasFurtherUsersAndNoOtherProcess() throws Exception {
    long first = firstOf("/etc/subuid");
    long firstGroup = firstOf("/etc/subgid");
    String script =
        "id -u; awk '{print $1, $3}' /proc/self/uid_map; > others; chown 33:34 others;"
            + " stat -c %u:%g others; ls /proc/self/fd;"
            + " sleep 1 & for file in /proc/[0-9]*/stat; do"
            + " { read -r pid name state parent rest < $file; } 2> /dev/null"
            + " && [ \"$parent\" = $$ ] && echo one child; done; wait; exit 9";

    Outcome outcome = run("--as-root", "homes", "--", "sh", "-c", script);

    assertThat(outcome.errText()).isEmpty();
    assertThat(outcome.outText()).isEqualTo("0\n0 1\n1 65536\n33:34\n0\n1\n2\n3\none child\n");
    assertThat(outcome.status()).isEqualTo(9);
    Path file = user.home().resolve("others");
    assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo((int) first + 32);
    assertThat(Files.getAttribute(file, "unix:gid")).isEqualTo((int) firstGroup + 33);
    assertThat(run("--as-root", "homes", "--", "rm", "others").status()).isZero();
  }

  @Test
  void run_asRootUnderNoNewPrivileges_hasItsOwnNumberAlone() throws Exception {
    List<String> words = new ArrayList<>(List.of("setpriv", "--no-new-privs"));
    words.addAll(site.words("--as-root", "homes", "--", "cat", "/proc/self/uid_map"));

    Outcome outcome = user.program(words.toArray(new String[0])).run();

    assertThat(outcome.errText()).isEmpty();
    assertThat(outcome.outText().strip()).matches("0 +" + user.uid() + " +1");
  }

  private static long firstOf(String file) throws Exception {
    return Files.readAllLines(Path.of(file)).stream()
        .filter(line -> line.startsWith(user.name() + ":"))
        .mapToLong(line -> Long.parseLong(line.split(":")[1]))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void run_mountPointMissingInAnImageOfRoot_isAddedWithoutTouchingIt() throws Exception {
    assertThat(
            run("--directory", "/", "nowhere", "--", "ls", "-d", "/not/there/bin", "/bin/sh")
                .toString())
        .isEqualTo("status 0\nout: /bin/sh\n/not/there/bin\n\nerr: ");
    assertThat(TestImages.deb32().resolve("not")).doesNotExist();
  }

  @Test
  void run_imageThatIsForOthers_isRefused() throws Exception {
    assertThat(run("--directory", "/", "closed", "--", "true").toString())
        .startsWith("status 125")
        .contains("user " + user.name() + " is not allowed to use this image");
  }

  @Test
  void run_ownImage_hasTheHomeDirectoryAndKnowsWhereItIs() throws Exception {
    Outcome outcome =
        user.syschroot("run", "mine", "--", "sh", "-c", "pwd; echo from here > own").run();

    assertThat(outcome.toString()).isEqualTo("status 0\nout: " + user.home() + "\n\nerr: ");
    assertThat(user.home().resolve("own")).hasContent("from here");
  }

  @Test
  void which_insideWithoutRoot_namesTheImage() throws Exception {
    String checkout = TestImages.checkout().toString();
    Outcome outcome =
        user.syschroot(
                "run",
                "--bind",
                "/usr",
                "--bind",
                "/etc",
                "--bind",
                checkout,
                "mine",
                "--",
                TestImages.command().toString(),
                "which")
            .run();

    assertThat(outcome.toString()).isEqualTo("status 0\nout: mine\n\nerr: ");
  }

  @Test
  void link_intoADirectoryOfOnesOwn_makesALauncherThatNeedsNoPrivilege() throws Exception {
    Path bin = Files.createDirectory(user.home().resolve("bin"));
    Files.setAttribute(bin, "unix:uid", user.uid());

    Outcome linked = user.syschroot("link", "mine", "--into", bin.toString()).run();

    assertThat(linked.status()).as("%s", linked).isZero();
    assertThat(Files.getAttribute(bin.resolve("mine"), "unix:uid")).isEqualTo(user.uid());
    assertThat(user.program(bin + "/mine", "sh", "-c", "id -u; pwd; echo $SYSCHROOT_IMAGE").run())
        .hasToString("status 0\nout: " + user.uid() + "\n" + user.home() + "\nmine\n\nerr: ");
  }

  @Test
  void demo_byAnOrdinaryUser_isAsPromised() throws Exception {
    Outcome outcome = user.syschroot("demo").run();

    assertThat(outcome.outText()).contains("Everything is as documented.").contains("i686");
    assertThat(outcome.status()).isZero();
  }

  @Test
  void run_userNamespacesForbidden_namesTheSettingAndBothWaysOut() throws Exception {
    List<String> words =
        new ArrayList<>(
            List.of(
                "unshare",
                "--user",
                "--map-root-user",
                "sh",
                "-c",
                "echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"",
                "sh"));
    words.addAll(site.words("--rootless", "--directory", "/", "deb32", "--", "true"));

    String message =
        "syschroot: deb32: cannot enter the image without root: user"
            + " namespaces are forbidden by user.max_user_namespaces = 0\nhint: the"
            + " administrator can allow them with \"sysctl user.max_user_namespaces=15000\","
            + " or create a launcher: syschroot link deb32 --into DIR\n";
    assertThat(user.program(words.toArray(new String[0])).run().toString())
        .isEqualTo("status 125\nout: \nerr: " + message);
    assertThat(Troubleshooting.text()).contains("\n" + message.replace("deb32", "sl5"));
  }

  @Test
  void run_asRootWhereUserNamespacesAreForbidden_namesTheSettingBeforeNumbersAreMapped()
      throws Exception {
    Path numbers = Files.writeString(user.home().resolve("numbers"), "root:100000:65536\n");
    List<String> words =
        new ArrayList<>(
            List.of(
                "unshare",
                "--user",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                "mount --bind \"$0\" /etc/subuid && mount --bind \"$0\" /etc/subgid"
                    + " && echo 0 > /proc/sys/user/max_user_namespaces && exec \"$@\"",
                numbers.toString()));
    words.addAll(site.words("--as-root", "--directory", "/", "deb32", "--", "true"));

    assertThat(user.program(words.toArray(new String[0])).run().errText())
        .contains("forbidden by user.max_user_namespaces = 0\nhint: the administrator can");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mount homes",
        "mount --all",
        "umount homes",
        "umount --all",
        "umount --lazy homes",
        "mount --install-boot",
        "sync --install-units"
      })
  void command_thatOnlyRootCanUse_saysSoBeforeAnythingIsTried(String words) throws Exception {
    String shown = words.replace("--lazy ", "");
    assertThat(command(words.split(" ")))
        .hasToString(
            "status 125\nout: \nerr: syschroot: only root can use \""
                + shown
                + "\"\nhint: as root: syschroot "
                + shown
                + "\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "launcher show /etc/shadow;/etc/shadow: EACCES (Permission denied);;"
            + "openat(path=/etc/shadow, flags=O_NONBLOCK|O_NOFOLLOW): EACCES (Permission denied)",
        "which 1;/proc/1/root: EACCES (Permission denied);"
            + "only root can read the state of other users' processes;"
            + "openat(path=/proc/1/root, flags=O_PATH): EACCES (Permission denied)",
      })
  void command_refusedByTheKernel_showsTheCallAsADetailOnly(
      String words, String fact, String hint, String call) throws Exception {
    String plain =
        "status 125\nout: \nerr: syschroot: "
            + fact
            + "\n"
            + (hint == null ? "" : "hint: " + hint + "\n");
    assertThat(command(words.split(" "))).hasToString(plain);
    assertThat(command(("-v " + words).split(" "))).hasToString(plain + "detail: " + call + "\n");
  }

  @Test
  void link_intoADirectoryOfRoot_namesTheLauncher() throws Exception {
    Outcome outcome = command("link", "homes", "--into", "/usr/local/bin");

    assertThat(outcome)
        .hasToString(
            "status 125\nout: \nerr: syschroot: cannot create /usr/local/bin/homes: EACCES"
                + " (Permission denied)\nhint: use a directory of yours, or ask root\n");
  }

  private static Outcome command(String... words) throws Exception {
    List<String> all = new ArrayList<>();
    all.addAll(List.of(TestImages.command().toString(), "--config", site.directory().toString()));
    all.addAll(List.of(words));
    return user.program(all.toArray(new String[0])).run();
  }

  @Test
  void explain_shellScript_doesTheSame() throws Exception {
    List<String> words = new ArrayList<>(List.of(TestImages.command().toString(), "explain"));
    words.addAll(List.of("--format", "sh", "--config", site.directory().toString()));
    words.addAll(List.of("homes", "--", "sh", "-c", "uname -m; pwd; id -u"));
    Path script = user.home().resolve("script");
    Files.write(script, user.program(words.toArray(new String[0])).run().out());

    assertThat(user.program("sh", script.toString()).run().toString())
        .isEqualTo("status 0\nout: i686\n" + user.home() + "\n" + user.uid() + "\n\nerr: ");
  }
}
