// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.cli.TestSite;
import org.syschroot.testing.Dose;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/**
 * {@code link}, {@code unlink} and {@code launcher show}, and what the launchers do for an ordinary
 * user in a real image whose mounts are up.
 */
@InOwnMountNamespace
@RequiresCommand({"debootstrap", "setpriv", "script"})
class LinkCommandIT {
  /** Only in this test's mount namespace; the image has an empty directory of this name. */
  private static final Path MNT = Path.of("/mnt");

  private static final Path BIN = MNT.resolve("bin4");
  private static final String LAUNCHERS =
      "[launchers]\ndirectory = \"/mnt/bin4\"\nnames = [\"sh\", \"bash\"]\n";

  private TestSite site;
  private Path root;
  private Path work;

  @BeforeEach
  void makeSite() throws Exception {
    site = TestSite.empty();
    root = TestImages.deb32();
    work = Files.createTempDirectory(Path.of("/tmp"), "syschroot-link");
    Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxrwxrwx"));
    native_("mount", "-t", "tmpfs", "-o", "mode=755", "none", MNT.toString());
    Files.createDirectory(BIN);
    configure("");
    assertThat(run("mount", "deb").status()).isZero();
  }

  @AfterEach
  void removeSite() throws Exception {
    run("umount", "deb");
    native_("umount", MNT.toString());
    native_("rm", "-rf", root + "/mnt/bin4", work.toString());
    site.close();
  }

  private void configure(String more) throws IOException {
    String settings =
        "root = \"" + root + "\"\npersonality = \"linux32\"\nmounts = [\"standard\"]\n";
    site.image("deb", settings + more);
  }

  private Outcome run(String command, String... words) throws Exception {
    List<String> all = new ArrayList<>();
    all.add(TestImages.command().toString());
    all.add(command);
    all.add("--config");
    all.add(site.directory().toString());
    all.addAll(List.of(words));
    return Program.of(all).run();
  }

  private Outcome link(String... names) throws Exception {
    List<String> words = new ArrayList<>(List.of("deb", "--into", BIN.toString()));
    words.addAll(List.of(names));
    Outcome outcome = run("link", words.toArray(String[]::new));
    assertThat(outcome.status()).as("%s", outcome).isZero();
    return outcome;
  }

  private static Outcome native_(String... words) throws Exception {
    Outcome outcome = Program.of(words).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    return outcome;
  }

  /** Returns a program of an ordinary user, in a directory that the image has too. */
  private Program as(String uid, String group, String... words) {
    List<String> all = new ArrayList<>(List.of("setpriv", "--reuid", uid, "--regid", "65534"));
    all.addAll(group.isEmpty() ? List.of("--clear-groups") : List.of("--groups", group));
    // setpriv itself still has its capabilities when it executes a program.
    all.add("env");
    all.addAll(List.of(words));
    return Program.of(all).in(work);
  }

  private Outcome user(String... words) throws Exception {
    return as("65534", "", words).run();
  }

  private void assertPrints(String out, String... words) throws Exception {
    assertThat(user(words)).hasToString("status 0\nout: " + out + "\nerr: ");
  }

  private Path script(String text) throws IOException {
    Path file = Files.writeString(work.resolve("script"), text);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void link_names_saysWhatItMade() throws Exception {
    assertThat(link("sh", "getconf"))
        .hasToString(
            "status 0\nout: /mnt/bin4/sh: /bin/sh of deb, for everyone\n"
                + root
                + "/mnt/bin4/sh -> /bin/sh\n/mnt/bin4/getconf: /bin/getconf of deb, for everyone\n"
                + root
                + "/mnt/bin4/getconf -> /bin/getconf\n\nerr: ");
    assertThat(link())
        .hasToString(
            "status 0\nout: /mnt/bin4/deb: a shell or any command of deb, for everyone\n\nerr: ");
    assertThat(root.resolve("mnt/bin4/deb")).doesNotExist();
    assertThat(Files.readSymbolicLink(root.resolve("mnt/bin4/sh"))).hasToString("/bin/sh");
    assertThat(Files.size(BIN.resolve("deb"))).isLessThanOrEqualTo(8192);
  }

  @Test
  void commandLauncher_asUser_isTheImagesShell() throws Exception {
    link("sh");
    String sh = BIN + "/sh";
    assertPrints("i686\n", sh, "-c", "uname -m");
    assertPrints("12\n", sh, "-c", "cut -d. -f1 /etc/debian_version");
    assertPrints(work + "\n", sh, "-c", "pwd");
    assertPrints("65534 65534\n", sh, "-c", "echo $(id -u) $(id -g)");
    assertPrints("a b|c|\n", sh, "-c", "printf '%s|' \"$@\"; echo", "sh", "a b", "c");
    assertThat(user(sh, "-c", "exit 42").status()).isEqualTo(42);
    assertPrints("i686\n", sh, "-c", sh + " -c 'uname -m'");
  }

  @Test
  void commandLauncher_asUser_keepsTheEnvironmentAndHasNoCapability() throws Exception {
    link("sh");
    Outcome outcome =
        as("65534", "", BIN + "/sh", "-c", "env; grep -E '^Cap(Inh|Prm|Eff|Amb)' /proc/self/status")
            .with(Map.of("LD_LIBRARY_PATH", "/some/lib", "EMPTY", ""))
            .run();
    assertThat(outcome.outText().lines())
        .contains("LD_LIBRARY_PATH=/some/lib", "EMPTY=", "SYSCHROOT_IMAGE=deb")
        .filteredOn(line -> line.startsWith("Cap"))
        .hasSize(4)
        .allMatch(line -> line.endsWith("\t0000000000000000"));
  }

  @Test
  void imageLauncher_asUser_runsAShellOrACommand() throws Exception {
    link();
    String deb = BIN + "/deb";
    assertPrints("i686\n", deb, "uname", "-m");
    assertThat(user(deb, "sh", "-c", "exit 7").status()).isEqualTo(7);
    assertThat(user(deb, "no-such-command").status()).isEqualTo(127);
    Path input = Files.writeString(work.resolve("input"), "uname -m; pwd; exit 5\n");
    Outcome shell = as("65534", "", deb).input(input).run();
    assertThat(shell).hasToString("status 5\nout: i686\n" + work + "\n\nerr: ");
    assertPrints("i686\n", deb, "-c", "uname -m");
  }

  @Test
  void script_asUser_runsInTheImageOutsideAndInside() throws Exception {
    link("sh");
    link();
    String script = script("#!" + BIN + "/sh -e\nuname -m; echo \"$1\"; exit 3\n").toString();
    String expected = "status 3\nout: i686\nan argument\n\nerr: ";
    assertThat(user(script, "an argument")).hasToString(expected);
    // The link in the image is what makes this work.
    assertThat(user(BIN + "/deb", script, "an argument")).hasToString(expected);
    native_("rm", root + "/mnt/bin4/sh");
    assertThat(user(BIN + "/deb", script, "an argument").status()).isEqualTo(127);
  }

  @Test
  void setUserIdProgramInTheImage_worksUnlessForbidden() throws Exception {
    native_("mkdir", "-p", root + "/mnt/bin4");
    native_("install", "-m", "4755", root + "/usr/bin/id", root + "/mnt/bin4/suid-id");
    link("sh");
    assertPrints("0\n", BIN + "/sh", "-c", "/mnt/bin4/suid-id -u");
    configure("no-new-privileges = true\n");
    link("sh");
    assertPrints("65534\n", BIN + "/sh", "-c", "/mnt/bin4/suid-id -u");
  }

  @Test
  void groups_othersGetEaccesFromTheKernel() throws Exception {
    configure("groups = [\"daemon\"]\n");
    assertThat(link("sh").outText()).contains(", for group daemon\n");
    Outcome outside = user(BIN + "/sh", "-c", "echo in");
    assertThat(outside.outText()).isEmpty();
    assertThat(outside.errText()).contains("Permission denied");
    assertThat(as("65534", "1", BIN + "/sh", "-c", "echo in").run().outText()).isEqualTo("in\n");
    configure("users = [\"nobody\"]\ngroups = [\"tty\"]\n");
    link("sh");
    assertPrints("in\n", BIN + "/sh", "-c", "echo in");
    assertThat(as("1", "1", BIN + "/sh", "-c", "echo in").run().errText())
        .contains("Permission denied");
    assertThat(as("1", "5", BIN + "/sh", "-c", "echo in").run().outText()).isEqualTo("in\n");
    // Revoking is another link.
    configure("groups = [\"daemon\"]\n");
    link("sh");
    assertThat(user(BIN + "/sh", "-c", "echo in").errText()).contains("Permission denied");
  }

  @Test
  void setUserId_asUser_isTheSameAndDropsIt() throws Exception {
    assertThat(run("link", "--setuid", "deb", "--into", BIN.toString(), "sh").outText())
        .startsWith("/mnt/bin4/sh: /bin/sh of deb, for everyone, set-user-ID\n");
    Outcome outcome =
        user(BIN + "/sh", "-c", "uname -m; grep -E '^(Uid|CapEff)' /proc/self/status");
    assertThat(outcome)
        .hasToString(
            "status 0\nout: i686\nUid:\t65534\t65534\t65534\t65534\nCapEff:\t0000000000000000\n\nerr: ");
  }

  @Test
  void link_afterAChange_replacesAtOnceAndStatusKnows() throws Exception {
    configure(LAUNCHERS);
    assertThat(status(1)).contains("missing  /mnt/bin4/sh\n", "missing  /mnt/bin4/bash\n");
    assertThat(run("link", "--all").status()).isZero();
    assertThat(status(0)).contains("linked   /mnt/bin4/sh\n", "linked   /mnt/bin4/bash\n");
    configure("groups = [\"daemon\"]\n" + LAUNCHERS);
    assertThat(status(1)).contains("outdated /mnt/bin4/sh: its permissions differ");
    configure("[environment]\nset = { CLUSTER = \"bham\" }\n" + LAUNCHERS);
    assertThat(status(1)).contains("outdated /mnt/bin4/sh: the settings have changed");
    // Somebody calls it all the time.
    String loop = "until [ -e stop ]; do " + BIN + "/sh -c : || exit 9; done";
    try (Program.Running caller = as("65534", "", "sh", "-c", loop).start()) {
      for (int i = 0; i < Dose.of(2, 100); i++) {
        assertThat(run("link", "deb").status()).isZero();
      }
      Files.createFile(work.resolve("stop"));
      assertThat(caller.await()).hasToString("status 0\nout: \nerr: ");
    }
    assertThat(status(0)).contains("linked   /mnt/bin4/sh\n");
    assertPrints("bham\n", BIN + "/sh", "-c", "echo $CLUSTER");
    try (var files = Files.list(BIN)) {
      assertThat(files.map(file -> file.getFileName().toString()).sorted())
          .containsExactly("bash", "sh");
    }
    JsonObject json =
        JsonParser.parseString(run("status", "--json").outText())
            .getAsJsonArray()
            .get(0)
            .getAsJsonObject();
    assertThat(json.get("launchers"))
        .hasToString(
            "[{\"path\":\"/mnt/bin4/sh\",\"state\":\"linked\",\"detail\":\"\"},"
                + "{\"path\":\"/mnt/bin4/bash\",\"state\":\"linked\",\"detail\":\"\"}]");
  }

  private String status(int expected) throws Exception {
    Outcome outcome = run("status", "deb");
    assertThat(outcome.status()).as("%s", outcome).isEqualTo(expected);
    return outcome.outText();
  }

  private void assertRefused(String message, String command, String... words) throws Exception {
    Outcome outcome = run(command, words);
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
        "is writable by users other than root", "link", "deb", "--into", work.toString(), "sh");
    assertRefused("no [launchers] in its configuration file", "link", "deb");
    configure("users = [\"nobody\", \"no-such\"]\n");
    assertRefused(
        ":4:1: users: the host has no user \"no-such\"", "link", "deb", "--into", into, "sh");
    configure("");
    assertThat(run("umount", "deb").status()).isZero();
    assertRefused(
        "is not mounted, and a launcher does not mount it", "link", "deb", "--into", into, "sh");
    assertThat(BIN).isEmptyDirectory();
    assertThat(root.resolve("mnt/bin4")).doesNotExist();
    for (String[] words :
        new String[][] {{"deb", "sh"}, {}, {"--all", "deb"}, {"deb", "--into", "x"}}) {
      assertThat(run("link", words).status()).isEqualTo(2);
    }
  }

  @Test
  void link_unsetVariables_areRemovedHoweverOftenTheyAreThere() throws Exception {
    configure("[environment]\nunset = [\"A\"]\n");
    link("env");
    assertThat(user("env", "-i", "A=1", "AB=2", "B=A=3", BIN + "/env").outText().lines().toList())
        .containsExactly("AB=2", "B=A=3", "SYSCHROOT_IMAGE=deb");
  }

  @Test
  void link_fileSystemIsNosuid_isRefused() throws Exception {
    native_("mount", "-o", "remount,nosuid", MNT.toString());
    assertRefused("is mounted nosuid", "link", "deb", "--into", BIN.toString(), "sh");
    assertThat(BIN).isEmptyDirectory();
  }

  @Test
  void link_directoryBehindAUsersLink_isRefused() throws Exception {
    Path link = Files.createSymbolicLink(MNT.resolve("link"), BIN);
    native_("chown", "-h", "nobody", link.toString());
    assertRefused("/mnt/link", "link", "deb", "--into", link.toString(), "sh");
    assertThat(BIN).isEmptyDirectory();
  }

  @Test
  void link_fileSystemWithoutCapabilities_isRefusedAndSetUserIdWorks() throws Exception {
    Path into = Files.createDirectory(MNT.resolve("plain"));
    native_("mount", "-t", "ramfs", "-o", "mode=755", "none", into.toString());
    configure("[launchers]\ndirectory = \"/mnt/plain\"\nnames = [\"sh\"]\n");
    assertRefused("cannot hold file capabilities", "link", "deb");
    assertRefused("(--setuid)", "link", "--all");
    assertThat(into).isEmptyDirectory();
    assertThat(status(1)).contains("missing  /mnt/plain/sh\n");
    assertThat(run("link", "--setuid", "deb").status()).isZero();
    assertThat(status(0)).contains("linked   /mnt/plain/sh\n");
    assertPrints("65534\ni686\n", into + "/sh", "-c", "id -u; uname -m");
    native_("mount", "-o", "remount,nosuid", into.toString());
    assertRefused("is mounted nosuid", "link", "--setuid", "deb");
    assertThat(user(into + "/sh", "-c", "id -u").errText())
        .contains("cannot enter: Operation not permitted", "nosuid mount");
    native_("umount", into.toString());
    native_("rm", "-r", root + "/mnt/plain");
  }

  @Test
  void terminalAndDescriptors_ofTheCaller_areKept() throws Exception {
    link("sh");
    String show = "tty; cut -d' ' -f7 /proc/self/stat";
    String inside = "setpriv --reuid 65534 --clear-groups " + BIN + "/sh -c \"" + show + "\"";
    List<String> lines =
        native_("script", "-qec", show + "; " + inside, "/dev/null").outText().lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).startsWith("/dev/pts/");
    assertThat(lines.subList(2, 4)).isEqualTo(lines.subList(0, 2));
    // No jail: who has a directory of the native system open keeps it.
    String file = "/proc/self/fd/7" + TestImages.checkout() + "/pom.xml";
    String open = "exec 7</; exec " + BIN + "/sh -c 'test -e " + file + " && echo outside'";
    assertPrints("outside\n", "sh", "-c", open);
  }

  @Test
  void linkInTheImage_directoryLeadsOut_isMadeInTheImageOrNotAtAll() throws Exception {
    Path victim = Files.createDirectory(work.resolve("victim"));
    for (String target :
        List.of(victim.toString(), "../".repeat(30) + victim, "/proc/1/root/tmp")) {
      Files.createSymbolicLink(root.resolve("mnt/bin4"), Path.of(target));
      assertThat(link("sh").outText()).contains("/mnt/bin4/sh: /bin/sh of deb");
      assertThat(victim).isEmptyDirectory();
      assertThat(run("unlink", "deb", "--into", BIN.toString(), "sh").status()).isZero();
      Files.delete(root.resolve("mnt/bin4"));
    }
  }

  @Test
  void linkInTheImage_somethingElseIsThere_isLeftAndTold() throws Exception {
    Files.createDirectories(root.resolve("mnt/bin4"));
    Files.writeString(root.resolve("mnt/bin4/sh"), "its own");
    assertThat(link("sh").errText()).contains("another file of that name exists");
    assertThat(root.resolve("mnt/bin4/sh")).hasContent("its own");
    run("unlink", "deb", "--into", BIN.toString(), "sh");
    assertThat(root.resolve("mnt/bin4/sh")).hasContent("its own");
  }

  @Test
  void unlink_removesOnlyWhatIsOurs() throws Exception {
    site.image("other", "root = \"" + root + "\"\nmounts = []\n");
    link("sh", "bash");
    String into = BIN.toString();
    assertThat(run("link", "other", "--into", into, "dash").status()).isZero();
    assertRefused(
        "is a launcher of other: \"syschroot unlink", "link", "deb", "--into", into, "dash");
    assertRefused("is a launcher of other: it stays", "unlink", "deb", "--into", into, "dash");
    Files.writeString(BIN.resolve("cat"), "mine");
    assertRefused("is not a launcher", "unlink", "deb", "--into", into, "cat");
    assertThat(BIN.resolve("cat")).hasContent("mine");
    assertThat(run("unlink", "deb", "--into", into, "sh"))
        .hasToString(
            "status 0\nout: removed /mnt/bin4/sh\nremoved " + root + "/mnt/bin4/sh\n\nerr: ");
    assertThat(BIN.resolve("sh")).doesNotExist();
    assertThat(Files.isSymbolicLink(root.resolve("mnt/bin4/bash"))).isTrue();
    assertThat(run("unlink", into + "/dash", into + "/bash").outText())
        .isEqualTo("removed /mnt/bin4/dash\nremoved /mnt/bin4/bash\n");
    assertThat(run("unlink", "deb", "--into", into, "sh"))
        .hasToString("status 0\nout: \nerr: syschroot: /mnt/bin4/sh does not exist\n");
  }

  @Test
  void link_rootBelowAClosedDirectory_saysWhoCannotGetIn() throws Exception {
    Path closed = Files.createDirectory(MNT.resolve("closed"));
    Files.createDirectories(closed.resolve("root/bin"));
    Files.copy(Path.of("/bin/busybox"), closed.resolve("root/bin/sh"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxr-x---"));
    site.image("closed", "root = \"" + closed + "/root\"\npersonality = \"linux\"\nmounts = []\n");
    Outcome outcome = run("link", "closed", "--into", BIN.toString(), "closed");

    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(outcome.errText())
        .isEqualTo(
            "syschroot: closed: users who cannot search "
                + closed
                + " get \"Permission denied\" from launchers\nhint: chmod o+x "
                + closed
                + "\n");
    assertThat(user(BIN + "/closed", "true"))
        .hasToString(
            "status 125\nout: \nerr: syschroot: closed: cannot enter "
                + closed
                + "/root: Permission denied\n");
  }

  @Test
  void launcherShow_saysWhatTheFileDoes() throws Exception {
    link("sh");
    String sh = BIN + "/sh";
    JsonObject json =
        JsonParser.parseString(run("launcher", "show", "--json", sh).outText()).getAsJsonObject();
    assertThat(json.get("image").getAsString()).isEqualTo("deb");
    assertThat(json.get("root").getAsString()).isEqualTo(root.toString());
    assertThat(json.get("program").getAsString()).isEqualTo("/bin/sh");
    assertThat(json.get("capability").getAsString()).isEqualTo("cap_sys_chroot=ep");
    assertThat(json.get("owner").getAsString()).isEqualTo("0:0 mode 0755");
    assertThat(json.get("intact").getAsBoolean()).isTrue();
    assertThat(json.get("state").getAsString()).isEqualTo("linked");
    assertThat(json.get("digest").getAsString()).hasSize(64);
    assertThat(json.has("listing")).isFalse();
    Outcome listing = run("launcher", "show", "--listing", sh);
    assertThat(listing.outText())
        .contains("step enter the image's root", "chroot(", "execve(", "syscall");
    assertThat(listing.status()).isZero();
    // A copy is the same launcher without its privilege.
    native_("cp", sh, MNT + "/copy");
    assertThat(run("launcher", "show", MNT + "/copy").outText())
        .contains("capability  none\n", "intact      true\n", "state       outdated\n");
    assertThat(user(MNT + "/copy", "-c", "echo in").errText())
        .startsWith("syschroot: deb: cannot enter: Operation not permitted; do not copy");
    byte[] bytes = Files.readAllBytes(BIN.resolve("sh"));
    bytes[0x3e0 + 20] ^= 1;
    Files.write(MNT.resolve("copy"), bytes);
    assertThat(run("launcher", "show", MNT + "/copy").status()).isIn(1, 125);
    assertRefused("is not a launcher: it has no", "launcher", "show", "/bin/dash");
    Files.createSymbolicLink(MNT.resolve("link"), BIN.resolve("sh"));
    assertRefused("is a symbolic link", "launcher", "show", MNT + "/link");
  }
}
