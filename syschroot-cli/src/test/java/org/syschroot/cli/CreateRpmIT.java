// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** {@code create --dnf}: a system of RPM packages that runs, or nothing. */
@RequiresRoot
@RequiresCommand({"debootstrap", "rpm", "rpmbuild", "dnf", "createrepo_c"})
class CreateRpmIT {
  /** A number of seconds by which the processes of one test are told from all others. */
  private final String sleep = Long.toString(600_000 + ProcessHandle.current().pid() % 100_000);

  private static TestSite site;
  private static RpmPackages packages;
  private Path work;
  private Path root;

  @BeforeAll
  static void makeSite() throws Exception {
    site = TestSite.empty();
    packages = TestImages.rpmPackages();
  }

  @AfterAll
  static void removeSite() throws Exception {
    site.close();
  }

  @BeforeEach
  void makeDirectory() throws Exception {
    work = Files.createTempDirectory(site.directory().getParent(), "rpms");
    Files.setPosixFilePermissions(work, PosixFilePermissions.fromString("rwxr-xr-x"));
    root = work.resolve("root");
    Files.writeString(work.resolve("base.repo"), packages.repository("base"));
  }

  @AfterEach
  void removeDirectory() throws Exception {
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain(work.toString());
    Program.of("rm", "-rf", "--one-file-system", work.toString()).run();
    Files.deleteIfExists(site.file("made"));
  }

  private List<String> words(String... words) {
    List<String> all = new ArrayList<>(List.of(TestImages.command().toString(), "create", "made"));
    all.addAll(List.of("--config", site.directory().toString(), "--root", root.toString()));
    all.add("--dnf");
    all.addAll(List.of(words));
    return all;
  }

  private Outcome create(String... words) throws IOException, InterruptedException {
    return Program.of(words(words)).in(work).run();
  }

  private static Outcome shell(String script, String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of("sh", "-c", script));
    all.addAll(List.of(words));
    Outcome outcome = Program.of(all).run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    return outcome;
  }

  private void assertNothingIsLeft() throws IOException {
    assertThat(root).doesNotExist();
    assertThat(site.directory().resolve("images.d")).isEmptyDirectory();
  }

  @Test
  void create_realPackages_areASystemThatRuns() throws Exception {
    Path made = TestImages.rpm32();
    site.image("made", "root = \"" + made + "\"\n");
    assertThat(
            site.run("made", "-d", "/", "--", "sh", "-c", "uname -m; . /etc/os-release; echo $NAME")
                .outText())
        .isEqualTo("i686\nRpms\n");
    // The programs of packages had a /proc, and of devices only these.
    assertThat(made.resolve("etc/posted"))
        .hasContent(
            "posted /dev/fd /dev/full /dev/null /dev/random /dev/tty /dev/urandom /dev/zero\n");
    assertThat(made.resolve("dev")).isEmptyDirectory();
    assertThat(made.resolve("proc")).isEmptyDirectory();
    for (String absent : List.of(".dnf", "var/cache/dnf", "root/.rpmdb")) {
      assertThat(made.resolve(absent)).doesNotExist();
    }
    String verified =
        shell("rpm --root \"$0\" --dbpath /var/lib/rpm --verify --all || true", made.toString())
            .outText();
    // Accounts are renewed by "create" itself.
    assertThat(verified.lines().filter(line -> !line.matches(".* /etc/(passwd|group)"))).isEmpty();
  }

  @Test
  void create_systemWithTheNewerPlace_databaseIsWhereItsRpmLooks() throws Exception {
    Outcome outcome =
        create(
            "--releasever=40",
            "--arch",
            "i386",
            "--repo",
            "base.repo",
            "--package",
            "bash",
            "sysimage");
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(root.resolve("usr/lib/sysimage/rpm/rpmdb.sqlite")).isRegularFile();
    assertThat(root.resolve("var/lib/rpm")).isSymbolicLink();
    String query = "rpm --root \"$0\" --dbpath \"$1\" -qa --qf '%{NAME}\\n' | sort | xargs";
    for (String place : List.of("/var/lib/rpm", "/usr/lib/sysimage/rpm")) {
      assertThat(shell(query, root.toString(), place).outText())
          .isEqualTo("bash filesystem glibc sysimage\n");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "true | --releasever 9 --repo none.repo | none.repo: there is no such file.*",
        "mkdir d | --releasever 9 --repo d | d is not a regular file.*",
        "mkfifo f | --releasever 9 --repo f | f is not a regular file.*",
        "printf '\\377' > f | --releasever 9 --repo f | f is not text in UTF-8.*",
        "head -c 2M /dev/zero > f | --releasever 9 --repo f | f has more than 1 MiB.*",
        ": > f | --releasever 9 --repo f | f names no repository.*",
        "printf '[main]\\n' > f | --releasever 9 --repo f | f:1: \"main\" is not the id of a repository.*",
        "printf 'baseurl=x\\n' > f | --releasever 9 --repo f | f:1: neither .ID. nor KEY=VALUE.*",
        "printf '[a]\\nname=x\\n' > f | --releasever 9 --repo f | f: the repository \"a\" has no place.*",
        "sed s/gpg/enabled=0\\\\ngpg/ base.repo > f | --releasever 9 --repo f | no repository is enabled in f.*",
        "cp base.repo f | --releasever 9 --repo base.repo f | the repository \"base\" is in base.repo and in f.*",
        "true | --releasever 9 --repo base.repo --package none --arch i686 |"
            + " .*deleted.*No match for argument: none.+hint: name packages that the repositories have.*",
        "true | --releasever 9 --repo base.repo --package needy --arch i686 |"
            + " .*deleted.*nothing provides nobody-has-it.+hint: name the file of the repository that has it.*",
        "sed 's,base$,base/$releasever,' base.repo > f | --releasever 99 --repo f --arch i686 |"
            + " .*deleted.*Failed to download metadata.+hint: look whether a repository has the release 99.*",
        "sed /gpgcheck/d base.repo > f | --releasever 9 --repo f |"
            + " f: the repository \"base\" names no key to check signatures with: add gpgkey=URL.*",
        "sed s,gpgcheck=0,gpgkey=file:///dev/null, base.repo > f | --releasever 9 --repo f |"
            + " .*deleted.*GPG.*",
        "true | --releasever 9 --repo base.repo --arch ppc64le |"
            + " programs for ppc64le do not run on this host.*",
        "true | --releasever 9 --repo base.repo --arch x/y | \"x/y\" is not an architecture.*",
      })
  void create_badInput_nothingIsLeft(String script, String words, String message) throws Exception {
    shell("cd \"$0\"; " + script, work.toString());
    Outcome outcome = create(words.split(" "));
    assertThat(outcome.status()).as("%s", outcome).isEqualTo(125);
    assertThat(outcome.errText().strip()).matches("(?s)syschroot: " + message);
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--releasever 9 | --dnf needs --releasever N and --repo FILE.*",
        "--repo base.repo | --dnf needs --releasever N and --repo FILE.*",
        "--releasever ../x --repo base.repo | .*is not the number of a release.*",
        "--releasever 9 --repo base.repo --package a%b | .*is not the name of a package.*",
        "--releasever 9 --repo base.repo --from x | exactly one of .*",
        "--releasever 9 --repo base.repo --mirror http://x/ | --mirror is only allowed with --debootstrap.*",
      })
  void create_wrongUsage_isToldAndNothingIsMade(String words, String message) throws Exception {
    Outcome outcome = create(words.split(" "));
    assertThat(outcome.status()).as("%s", outcome).isEqualTo(2);
    assertThat(outcome.errText()).matches("(?s)syschroot: (create: )?" + message);
    assertNothingIsLeft();
  }

  @Test
  void create_optionsWithoutDnf_areWrongUsage() throws Exception {
    List<String> words = words("--releasever", "9", "--from-host", "sh");
    words.remove("--dnf");
    Outcome outcome = Program.of(words).in(work).run();
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.errText()).contains("--releasever, --repo and --package go with --dnf");
  }

  @Test
  void create_fullFilesystem_isCleanedUp() throws Exception {
    Files.createDirectory(work.resolve("small"));
    root = work.resolve("small/root");
    String command =
        String.join(" ", words("--releasever", "9", "--arch", "i686", "--repo", "base.repo"));
    String script =
        "mount -t tmpfs -o size=24m,mode=755 none small; " + command + "; echo $?; ls -A small";
    Outcome outcome = Program.of("unshare", "-m", "sh", "-c", script).in(work).run();
    assertThat(outcome.outText()).isEqualTo("125\n");
    assertThat(outcome.errText()).contains("hint: make room, or name another root directory");
    assertNothingIsLeft();
  }

  /** A package can move our directory away and put a link there: nothing of the host is deleted. */
  @Test
  void create_packageThatPutsLinks_hostIsLeftAlone() throws Exception {
    Outcome outcome =
        create("--releasever=9", "--arch", "i686", "--repo", "base.repo", "--package", "evil");
    assertThat(root.resolve("etc/moved")).as("%s", outcome).isDirectory();
    assertThat(root.resolve(".dnf")).doesNotExist();
    assertThat(packages.kept().resolve("file")).hasContent("of the host");
  }

  private Program withDnf(String script) throws IOException {
    Path bin = Files.createDirectories(work.resolve("bin"));
    Path file = Files.writeString(bin.resolve("dnf"), "#!/bin/sh\n" + script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    List<String> words = new ArrayList<>(List.of("env", "--default-signal=INT,TERM,HUP"));
    words.addAll(words("--releasever", "9", "--repo", "base.repo"));
    return Program.of(words).in(work).with(Map.of("PATH", bin + ":/usr/bin:/bin"));
  }

  private void await(Path file) throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!Files.exists(file)) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(10);
    }
  }

  private void awaitEndOfSleepers() throws Exception {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (Program.of("pgrep", "-x", "-f", "sleep " + sleep).run().status() != 1) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(10);
    }
  }

  private Program thatWaits() throws IOException {
    return withDnf(
        "mkdir "
            + root
            + "/half; (setsid sleep "
            + sleep
            + " &); touch ready; exec sleep "
            + sleep
            + "\n");
  }

  @ParameterizedTest
  @CsvSource({"INT,130", "TERM,143"})
  void create_signal_takesBackWhatWasMade(String signal, int status) throws Exception {
    try (Program.Running making = thatWaits().start()) {
      await(work.resolve("ready"));
      shell("kill -" + signal + " " + making.pid());
      Outcome outcome = making.await();
      assertThat(outcome.status()).as("%s", outcome).isEqualTo(status);
      assertThat(outcome.errText())
          .contains("interrupted")
          .contains("all created files were deleted");
    }
    awaitEndOfSleepers();
    assertNothingIsLeft();
  }

  @Test
  void create_killed_nextOneCleansUp() throws Exception {
    try (Program.Running making = thatWaits().start()) {
      await(work.resolve("ready"));
      shell("kill -KILL " + making.pid());
      assertThat(making.await().status()).isEqualTo(137);
    }
    awaitEndOfSleepers();
    Outcome again = withDnf("mkdir -p " + root + "/bin; echo hello\n").run();
    assertThat(again.status()).as("%s", again).isZero();
    assertThat(again.errText())
        .startsWith("syschroot: deleted " + root + ", left by an interrupted");
    assertThat(root.resolve("half")).doesNotExist();
  }

  @Test
  void create_dnf_seesOnlyWhatItIsGiven() throws Exception {
    Outcome outcome =
        withDnf(
                "for word; do echo \"$word\"; done > words; cat \"$HOME/dnf.conf\" > conf;"
                    + " stat -c %a \"$HOME\" > mode; mkdir "
                    + root
                    + "/bin\n")
            .run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(Files.readAllLines(work.resolve("words")))
        .containsExactly(
            "-y",
            "--config=" + root + "/.dnf/dnf.conf",
            "--setopt=reposdir=" + root + "/.dnf/empty",
            "--setopt=varsdir=" + root + "/.dnf/empty",
            "--installroot=" + root,
            "--releasever=9",
            "install",
            "filesystem",
            "bash",
            "coreutils",
            "yum");
    assertThat(work.resolve("conf")).content().contains("[main]\ngpgcheck=1\n").contains("[base]");
    assertThat(work.resolve("mode")).hasContent("700\n");
  }

  @Test
  void create_hostWithoutDnf_saysWhatToInstall() throws Exception {
    String command = String.join(" ", words("--releasever", "9", "--repo", "base.repo"));
    Outcome outcome =
        Program.of("unshare", "-m", "sh", "-c", "mount --bind /dev/null /usr/bin/dnf; " + command)
            .in(work)
            .run();
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(outcome.errText()).contains("dnf is not installed").contains("apt-get install dnf");
    assertNothingIsLeft();
  }

  @Test
  void create_byAnOrdinaryUser_isRefusedWithAWayOut() throws Exception {
    try (OrdinaryUser user = OrdinaryUser.create()) {
      Outcome outcome =
          user.syschroot(
                  "create",
                  "mine",
                  "--root",
                  user.home() + "/mine",
                  "--dnf",
                  "--releasever",
                  "9",
                  "--repo",
                  work + "/base.repo")
              .run();
      assertThat(outcome.status()).isEqualTo(125);
      assertThat(outcome.errText())
          .isEqualTo(
              "syschroot: --dnf: only root can create files of several users: use --from-host, or ask"
                  + " the administrator to create the image\n");
      assertThat(user.home().resolve("mine")).doesNotExist();
    }
  }
}
