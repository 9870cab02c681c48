// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** What is refused, in which words, and what is large or odd but works. */
@RequiresRoot
@RequiresCommand("debootstrap")
class BadInputIT {
  private static final int LONGEST_WORD = 128 * 1024 - 1; // MAX_ARG_STRLEN without the NUL

  private TestSite site;
  private Path root;
  private Path directory;

  @BeforeEach
  void createSite() throws Exception {
    site = TestSite.withDeb32();
    root = TestImages.deb32();
    directory = Files.createTempDirectory(Path.of("/tmp"), "syschroot-input");
    mode(directory, "rwxr-xr-x");
  }

  @AfterEach
  void removeSite() throws Exception {
    site.close();
    Program.of("rm", "-rf", directory.toString()).run();
  }

  private static void mode(Path path, String mode) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private static void assertRefused(Outcome outcome, String message) {
    assertThat(outcome).hasToString("status 125\nout: \nerr: syschroot: " + message + "\n");
  }

  private Outcome runDeb32() throws IOException, InterruptedException {
    return site.run("deb32", "--", "true");
  }

  @Test
  void run_unknownImage_suggestsTheNearest() throws Exception {
    assertRefused(site.run("dep32", "--", "true"), "no such image: dep32: did you mean deb32?");
    assertRefused(
        site.run("solaris", "--", "true"), "no such image: solaris: all images: syschroot list");
    Files.delete(site.file("deb32"));
    assertRefused(
        site.run("deb32"),
        "no such image: deb32: there are no images in "
            + site.directory()
            + "/images.d; create one with: syschroot create");
  }

  @Test
  void run_unknownKey_isRefusedWithItsPlace() throws Exception {
    Path file = site.image("deb32", "root = \"" + root + "\"\n  colour = \"red\"\n");
    assertRefused(
        runDeb32(),
        file
            + ":2:3: unknown key \"colour\": allowed are description, root, aliases, personality,"
            + " shell, cwd, users, groups, mounts, no-new-privileges, drop-capabilities, nofile,"
            + " accounts, consistent, cached-starts, prompt, layer, trusted-owners, root-mount, environment, launchers, submit");
  }

  @Test
  void run_relativeRoot_isRefused() throws Exception {
    Path file = site.image("deb32", "root = \"sysroot/deb32\"\n");
    assertRefused(
        runDeb32(), file + ":1:1: root \"sysroot/deb32\" is not absolute: it must begin with /");
  }

  @Test
  void run_wrongType_isRefused() throws Exception {
    Path file = site.image("deb32", "root = 5\n");
    assertThat(runDeb32().errText())
        .startsWith("syschroot: " + file + ":1:")
        .endsWith("\"root\" must be a string\n");
  }

  @Test
  void run_missingRoot_isRefused() throws Exception {
    Path file = site.image("deb32", "root = \"/no/such/root\"\n");
    assertThat(runDeb32().errText())
        .startsWith("syschroot: " + file + ":1:")
        .endsWith(
            "root /no/such/root cannot be opened: ENOENT (No such file or directory): create the"
                + " image with \"syschroot create\", or correct root\n");
  }

  @Test
  void run_nulInAValue_isRefused() throws Exception {
    Path file = site.image("deb32", "root = \"" + root + "\"\nshell = \"/bin/\\u0000sh\"\n");
    assertThat(runDeb32().errText())
        .startsWith("syschroot: " + file + ":2:")
        .endsWith("contains a NUL character, which is not allowed\n");
  }

  @Test
  void run_duplicateAliasAndConflictingMounts_areRefused() throws Exception {
    String settings = "root = \"" + root + "\"\n";
    Path other = site.image("other", settings + "aliases = [\"deb32\"]\n");
    assertThat(runDeb32().errText())
        .startsWith("syschroot: " + other + ":2:")
        .contains("\"deb32\" already names the image deb32 (" + root + ")");
    Path file = site.image("other", settings + "mounts = [\"/usr:/x\", \"/opt:/x\"]\n");
    assertThat(runDeb32().errText())
        .startsWith("syschroot: " + file + ":2:")
        .contains("two mounts for /x: \"/usr:/x\" and \"/opt:/x\": remove one of them");
    site.image("other", settings + "mounts = [\"/usr:/x/y\", \"/opt:/x\"]\n");
    assertThat(runDeb32().errText())
        .startsWith("syschroot: " + file + ":2:")
        .contains("\"/opt:/x\" would hide \"/usr:/x/y\"");
  }

  @ParameterizedTest
  @CsvSource({"rwxrwxr-x,0775", "rwxr-xrwx,0757"})
  void run_rootWritableByOthers_isRefused(String mode, String shown) throws Exception {
    Path parent = Files.createDirectory(directory.resolve("parent"));
    Path ours = Files.createDirectory(parent.resolve("root"));
    for (Path culprit : List.of(parent, ours)) {
      mode(parent, "rwxr-xr-x");
      mode(ours, "rwxr-xr-x");
      mode(culprit, mode);
      Path file = site.image("deb32", "root = \"" + ours + "\"\n");
      assertThat(runDeb32().errText())
          .startsWith("syschroot: " + file + ":1:")
          .endsWith(
              "root "
                  + ours
                  + ": "
                  + culprit
                  + " is writable by users other than root (mode "
                  + shown
                  + "): chmod go-w "
                  + culprit
                  + "\n");
    }
  }

  @Test
  void run_rootOfSomebodyElse_isRefused() throws Exception {
    Path ours = Files.createDirectory(directory.resolve("root"));
    mode(ours, "rwxr-xr-x");
    Files.setAttribute(ours, "unix:uid", 12345);
    Path file = site.image("deb32", "root = \"" + ours + "\"\n");
    assertThat(runDeb32().errText())
        .startsWith("syschroot: " + file + ":1:")
        .endsWith(
            "root "
                + ours
                + ": "
                + ours
                + " belongs to uid 12345, not to root: use a directory that only root can modify,"
                + " and so all directories above it; or trust that user with the image:"
                + " trusted-owners = [\"12345\"]\n");
  }

  @ParameterizedTest
  @CsvSource({"rw-rw-r--,0664", "rw-r--rw-,0646"})
  void run_settingsWritableByOthers_areRefused(String mode, String shown) throws Exception {
    Path file = site.file("deb32");
    mode(file, mode);
    assertRefused(
        runDeb32(),
        file
            + ":1:1: "
            + file
            + " is writable by users other than root (mode "
            + shown
            + "): chmod go-w "
            + file);
  }

  private void cwdPolicy(String policy) throws IOException {
    site.image(
        "deb32", "root = \"" + root + "\"\nmounts = [\"standard\"]\ncwd = \"" + policy + "\"\n");
  }

  private static final Path NOT_IN_IMAGE = Path.of("/usr/lib/jvm");

  private Outcome pwd(Path from, String... options) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of(options));
    words.addAll(List.of("deb32", "--", "/bin/pwd"));
    return site.program(words.toArray(String[]::new)).with(Map.of("HOME", "/root")).in(from).run();
  }

  /** Runs the image's shell with a standard input that lets it tell where it is. */
  private Outcome shell(Path from) throws IOException, InterruptedException {
    List<String> words = List.of("sh", "-c", "echo pwd | exec \"$@\"", "sh");
    List<String> all = new ArrayList<>(words);
    all.addAll(site.words("deb32"));
    return Program.of(all).with(Map.of("HOME", "/root", "SHELL", "/bin/sh")).in(from).run();
  }

  @ParameterizedTest
  @ValueSource(strings = {"same", "same-or-fail", "home", "root"})
  void run_commandWhoseDirectoryIsMissing_isRefused(String policy) throws Exception {
    cwdPolicy(policy);
    assertThat(pwd(NOT_IN_IMAGE))
        .hasToString(
            "status 125\nout: \nerr: syschroot: deb32: cannot enter /usr/lib/jvm in the image: No"
                + " such file or directory\nhint: add \"/usr/lib/jvm\" to mounts in "
                + site.file("deb32")
                + ", or use --directory DIR\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"home", "root"})
  void run_rmInADirectoryThatIsMissing_deletesNothingElsewhere(String policy) throws Exception {
    cwdPolicy(policy);
    Path home = Files.createDirectory(directory.resolve("home-" + policy));
    Path data = Files.writeString(home.resolve("data"), "precious");
    Path inRoot = Files.writeString(root.resolve("data"), "precious");
    Path gone = Files.createDirectories(NOT_IN_IMAGE);
    try {
      for (List<String> command : List.of(List.of("rm", "data"), List.of("sh", "-c", "rm data"))) {
        List<String> words = new ArrayList<>(List.of("deb32", "--"));
        words.addAll(command);
        Outcome outcome =
            site.program(words.toArray(String[]::new))
                .with(Map.of("HOME", home.toString()))
                .in(gone)
                .run();
        assertThat(outcome.status()).isEqualTo(125);
        assertThat(data).hasContent("precious");
        assertThat(inRoot).hasContent("precious");
      }
    } finally {
      Files.delete(inRoot);
    }
  }

  @Test
  void run_shellWhoseDirectoryIsMissing_isTreatedAsThePolicySays() throws Exception {
    String line =
        "syschroot: deb32: cannot enter /usr/lib/jvm in the image: No such file or directory";
    cwdPolicy("same-or-fail");
    assertThat(shell(NOT_IN_IMAGE).errText()).startsWith(line + "\nhint: ");
    cwdPolicy("home");
    assertThat(shell(NOT_IN_IMAGE))
        .hasToString("status 0\nout: /root\n\nerr: " + line + "; starting in /root\n");
    cwdPolicy("root");
    assertThat(shell(NOT_IN_IMAGE))
        .hasToString("status 0\nout: /\n\nerr: " + line + "; starting in /\n");
  }

  @Test
  void run_anotherDirectoryOfTheSameName_isToldOrRefused() throws Exception {
    cwdPolicy("same-or-fail");
    String fact = "syschroot: deb32: /root in the image is not /root of the host";
    assertThat(pwd(Path.of("/root")))
        .hasToString(
            "status 0\nout: /root\n\nerr: "
                + fact
                + ": files you write here stay in the"
                + " image\n");
    assertThat(pwd(Path.of("/usr"), "--user", "nobody"))
        .hasToString("status 0\nout: /usr\n\nerr: ");
    assertThat(pwd(Path.of("/var/tmp"), "--user", "nobody").errText())
        .isEqualTo(
            "syschroot: deb32: /var/tmp in the image is not /var/tmp of the host: files you"
                + " write here stay in the image\n");
    assertThat(pwd(Path.of("/root"), "--bind", "/root"))
        .hasToString("status 0\nout: /root\n\nerr: ");
    assertThat(pwd(Path.of("/root"), "--directory", "/root"))
        .hasToString("status 0\nout: /root\n\nerr: ");
    cwdPolicy("same");
    assertThat(pwd(Path.of("/root")))
        .hasToString(
            "status 125\nout: \nerr: "
                + fact
                + "\nhint: add \"/root\" to mounts in "
                + site.file("deb32")
                + ", or use --directory DIR\n");
    assertThat(pwd(Path.of("/root"), "--bind", "/root"))
        .hasToString("status 0\nout: /root\n\nerr: ");
  }

  @Test
  void run_homeBehindASymbolicLinkOfTheHost_isEnteredByItsLogicalName() throws Exception {
    Path home = Files.createDirectories(directory.resolve("domus/alice"));
    Path link = Files.createSymbolicLink(directory.resolve("hl"), home.getParent());
    Path inside = root.resolve(link.toString().substring(1));
    site.image("deb32", "root = \"" + root + "\"\nmounts = [\"" + link + "\"]\ncwd = \"same\"\n");
    try {
      assertThat(pwdFrom(link + "/alice", "$PWD"))
          .hasToString("status 0\nout: " + link + "/alice\n\nerr: ");
      for (String lie : List.of(directory.toString(), link + "/../hl/alice", "alice", "")) {
        Outcome outcome = pwdFrom(link + "/alice", lie);
        assertThat(outcome.status()).as(lie).isEqualTo(125);
        assertThat(outcome.errText()).startsWith("syschroot: deb32: cannot enter " + home + " in");
      }
    } finally {
      for (Path made = inside; !made.equals(root.resolve("tmp")); made = made.getParent()) {
        Files.delete(made);
      }
    }
  }

  private Outcome pwdFrom(String logical, String pwd) throws IOException, InterruptedException {
    List<String> words = new ArrayList<>(List.of("sh", "-c"));
    words.add("cd -L \"$0\" && PWD=" + pwd + " exec \"$@\"");
    words.add(logical);
    words.addAll(site.words("deb32", "--", "/bin/pwd"));
    return Program.of(words).run();
  }

  @Test
  void run_directoryThatIsDenied_isTreatedAsThePolicySays() throws Exception {
    Path secret = Files.createDirectory(directory.resolve("secret"));
    mode(secret, "rwx------");
    cwdPolicy("same-or-fail");
    assertThat(pwd(secret)).hasToString("status 0\nout: " + secret + "\n\nerr: ");
    assertThat(pwd(secret, "--user", "nobody").status()).isIn(0, 125);
    Files.setAttribute(secret, "unix:uid", 65534);
    assertThat(pwd(secret, "--user", "nobody"))
        .hasToString("status 0\nout: " + secret + "\n\nerr: ");
  }

  @Test
  void run_deletedDirectory_isRefused() throws Exception {
    for (String policy : List.of("same-or-fail", "home", "root", "same")) {
      cwdPolicy(policy);
      assertThat(deleted())
          .hasToString(
              "status 125\nout: \nerr: syschroot: deb32: cannot enter the working directory in the"
                  + " image: it has no pathname (deleted, too long, or outside the root"
                  + " directory)\nhint: change to another directory, or use --directory DIR\n");
    }
  }

  private Outcome deleted() throws IOException, InterruptedException {
    String gone = directory + "/gone";
    return new Driver()
        .bytes("env", List.of("PATH=/usr/bin:/bin", "HOME=/root"))
        .bytes("directory", List.of(gone))
        .bytes("remove_directory", List.of(gone))
        .line("signals 0 0")
        .starting(site.words("deb32", "--", "/bin/pwd"), directory)
        .run();
  }

  @Test
  void run_manyArguments_work() throws Exception {
    List<String> command = new ArrayList<>(List.of("sh", "-c", "echo $#", "sh"));
    for (int i = 0; i < 10_000; i++) {
      command.add("x".repeat(100));
    }
    assertThat(start(command, List.of())).hasToString("status 0\nout: 10000\n\nerr: ");
  }

  @Test
  void run_longestArgument_works() throws Exception {
    String word = "y".repeat(LONGEST_WORD);
    List<String> command = List.of("sh", "-c", "echo ${#1}", "sh", word);
    assertThat(start(command, List.of())).hasToString("status 0\nout: 131071\n\nerr: ");
    Outcome tooLong = start(List.of("true", word + "y"), List.of());
    assertThat(tooLong.errText()).isEqualTo("execve: Argument list too long\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 990})
  void run_largeEnvironment_works(int length) throws Exception {
    int count = 1000;
    List<String> environment = new ArrayList<>(List.of("PATH=/usr/bin:/bin"));
    for (int i = 0; i < count; i++) {
      environment.add("V" + i + "=" + "z".repeat(length));
    }
    List<String> command = List.of("sh", "-c", "grep -cz ^V /proc/self/environ");
    assertThat(start(command, environment)).hasToString("status 0\nout: 1000\n\nerr: ");
  }

  @Test
  void run_environmentOfOneAndAHalfMebibytes_works() throws Exception {
    List<String> environment = new ArrayList<>(List.of("PATH=/usr/bin:/bin"));
    for (int i = 0; i < 15; i++) {
      environment.add("V" + i + "=" + "z".repeat(100 * 1024));
    }
    List<String> command = List.of("sh", "-c", "grep -cz ^V /proc/self/environ");
    assertThat(start(command, environment)).hasToString("status 0\nout: 15\n\nerr: ");
  }

  private Outcome start(List<String> command, List<String> environment)
      throws IOException, InterruptedException {
    List<String> words = site.words("deb32", "--");
    words.addAll(command);
    return new Driver()
        .bytes("env", environment.isEmpty() ? List.of("PATH=/usr/bin:/bin") : environment)
        .bytes("directory", List.of("/tmp"))
        .line("signals 0 0")
        .line("limit 3 " + (8 << 20) + " -1") // a quarter of the stack is for the arguments
        .starting(words, directory)
        .run();
  }

  @Test
  void run_fewDescriptors_works() throws Exception {
    String script = "ulimit -n 64; exec \"$@\"";
    List<String> words = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    words.addAll(site.words("deb32", "--", "sh", "-c", "ulimit -n"));
    assertThat(Program.of(words).run()).hasToString("status 0\nout: 64\n\nerr: ");
  }

  @Test
  void run_lowSoftLimitOfDescriptors_isRaisedForUsAndPutBack() throws Exception {
    String script = "ulimit -Sn 20; exec \"$@\"";
    List<String> words = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    words.addAll(site.words("deb32", "--", "sh", "-c", "ulimit -Sn"));
    assertThat(Program.of(words).run()).hasToString("status 0\nout: 20\n\nerr: ");
  }

  @Test
  void run_imageWithoutMounts_works() throws Exception {
    site.image("bare", "root = \"" + TestImages.deb32() + "\"\nmounts = []\ncwd = \"root\"\n");
    assertThat(site.run("--directory", "/usr", "bare", "--", "sh", "-c", "pwd; ls /proc"))
        .hasToString("status 0\nout: /usr\n\nerr: ");
  }

  @Test
  void run_tooFewDescriptors_failsWithAMessage() throws Exception {
    List<String> words = new ArrayList<>(List.of("sh", "-c", "ulimit -n 63; exec \"$@\"", "sh"));
    words.addAll(site.words("deb32", "--", "true"));
    assertThat(Program.of(words).run())
        .hasToString(
            "status 125\nout: \nerr: syschroot: the limit of open files is 63, and the JVM needs 64:"
                + " raise it with ulimit -n\n");
  }

  @Test
  void run_settingsFileIsALinkOfRoot_isFollowed() throws Exception {
    Path link = site.file("linked");
    Files.createSymbolicLink(link, site.file("deb32"));
    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(Files.getAttribute(link, "unix:uid", LinkOption.NOFOLLOW_LINKS)).isEqualTo(0);
    assertThat(site.run("linked", "--", "true")).hasToString("status 0\nout: \nerr: ");
  }
}
