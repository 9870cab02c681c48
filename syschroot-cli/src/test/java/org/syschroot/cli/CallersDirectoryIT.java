// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Where a command starts: in the directory of its caller, or where the settings say instead. */
@RequiresRoot
@RequiresCommand("debootstrap")
class CallersDirectoryIT {
  private static final Path NOT_IN_IMAGE = Path.of("/usr/lib/jvm");

  private TestSite site;
  private Path root;
  private Path directory;

  @BeforeEach
  void createSite() throws Exception {
    site = TestSite.withDeb32();
    root = TestImages.deb32();
    directory = Files.createTempDirectory(Path.of("/tmp"), "syschroot-directory");
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

  private void cwdPolicy(String policy) throws IOException {
    site.image(
        "deb32", "root = \"" + root + "\"\nmounts = [\"standard\"]\ncwd = \"" + policy + "\"\n");
  }

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
}
