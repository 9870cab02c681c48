// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.RequiresRoot;

/**
 * Images that want to lead mounts out of themselves, or to block them. Whatever becomes of the run,
 * nothing is mounted on or made in the native system.
 */
@RequiresRoot
class SymlinkAttackIT {
  private TestSite site;
  private Path image;
  private Path victim;

  @BeforeEach
  void createSite() throws Exception {
    site = TestSite.empty();
    victim = directory("victim");
    Files.writeString(victim.resolve("keep"), "precious");
    image = directory("image");
    site.image(
        "evil", "root = \"" + image + "\"\nmounts = [\"/proc\", \"/usr:/data\"]\ncwd = \"root\"\n");
  }

  private Path directory(String name) throws IOException {
    return Files.createTempDirectory(
        site.directory().getParent(),
        name,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
  }

  @AfterEach
  void removeSite() throws Exception {
    site.close();
    for (Path path : List.of(victim, image)) {
      Program.of("rm", "-rf", "--one-file-system", path.toString()).run();
    }
  }

  /** The native system, as far as the image could have harmed it. */
  private List<String> host() throws IOException {
    try (Stream<Path> files = Files.walk(victim)) {
      return Stream.concat(
              Stream.of(Files.readString(Path.of("/proc/self/mountinfo"))),
              files.map(SymlinkAttackIT::line))
          .toList();
    }
  }

  private static String line(Path file) {
    try {
      return file
          + Files.readAttributes(file, "unix:ino,mode,size", LinkOption.NOFOLLOW_LINKS).toString();
    } catch (IOException e) {
      return file + ": " + e;
    }
  }

  /** Runs a command that is not in the image: all mounts come before it is looked for. */
  private Outcome attack() throws IOException, InterruptedException {
    List<String> before = host();
    Outcome outcome = site.run("--directory", "/", "evil", "--", "/no/such/command");
    assertThat(host()).isEqualTo(before);
    return outcome;
  }

  private void assertStaysInside(Outcome outcome) {
    assertThat(outcome.errText()).contains("cannot find the command: /no/such/command");
    assertThat(outcome.status()).isEqualTo(127);
  }

  @Test
  void run_absoluteLinkToHostDirectory_isResolvedInTheImage() throws Exception {
    ImageTree.of(image, "symlink data " + victim);
    // In the image nothing is at that path, and what a link dangles at is not made.
    assertThat(attack().status()).isEqualTo(125);
    ImageTree.of(image, "dir " + victim.toString().substring(1));
    assertStaysInside(attack());
  }

  @Test
  void run_relativeLinkToHostDirectory_isResolvedInTheImage() throws Exception {
    String up = "../".repeat(40) + victim.toString().substring(1);
    ImageTree.of(image, "symlink data " + up);
    assertThat(attack().status()).isEqualTo(125);
    ImageTree.of(image, "dir " + victim.toString().substring(1));
    assertStaysInside(attack());
  }

  @Test
  void run_linkInTheMiddleOfATarget_isResolvedInTheImage() throws Exception {
    site.image(
        "evil",
        "root = \"" + image + "\"\nmounts = [\"/proc\", \"/usr:/a/b/c\"]\ncwd = \"root\"\n");
    ImageTree.of(image, "dir a", "symlink a/b " + victim);
    assertThat(attack().status()).isEqualTo(125);
    assertThat(victim.resolve("c")).doesNotExist();
    ImageTree.of(image, "dir " + victim.toString().substring(1));
    assertStaysInside(attack());
    assertThat(image.resolve(victim.toString().substring(1)).resolve("c")).isDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/proc/1/root", "/proc/self/root", "/proc/self/cwd", "/proc/self/fd/0"})
  void run_magicLink_isRefused(String magic) throws Exception {
    site.image(
        "evil", "root = \"" + image + "\"\nmounts = [\"/proc\", \"/usr:/data\"]\ncwd = \"root\"\n");
    ImageTree.of(image, "dir proc", "symlink data " + magic);
    Outcome outcome = attack();
    assertThat(outcome.errText())
        .startsWith("syschroot: evil: cannot mount /usr:/data: E")
        .containsPattern("ELOOP|EACCES"); // who may not trace init is not even told what it is
    assertThat(outcome.status()).isEqualTo(125);
  }

  @Test
  void run_danglingLink_failsAndMakesNothing() throws Exception {
    ImageTree.of(image, "symlink data /nowhere/at/all");
    Outcome outcome = attack();
    assertThat(outcome.errText())
        .startsWith("syschroot: evil: cannot mount /usr:/data: E")
        .contains("ENOENT");
    assertThat(outcome.status()).isEqualTo(125);
    assertThat(image.resolve("nowhere")).doesNotExist();
  }

  @Test
  void run_linkToItself_fails() throws Exception {
    ImageTree.of(image, "symlink data data");
    Outcome outcome = attack();
    assertThat(outcome.errText()).contains("cannot mount /usr:/data: E").contains("ELOOP");
    assertThat(outcome.status()).isEqualTo(125);
  }

  @ParameterizedTest
  @ValueSource(strings = {"fifo data", "file data text"})
  void run_noDirectoryWhereOneShouldBe_fails(String line) throws Exception {
    ImageTree.of(image, line);
    Outcome outcome = attack();
    assertThat(outcome.errText())
        .contains("cannot mount /usr:/data: E")
        .contains("ENOTDIR (Not a directory)");
    assertThat(outcome.status()).isEqualTo(125);
  }

  @Test
  void run_standardDirectoriesAreLinksToHost_hostIsNotTouched() throws Exception {
    site.image("evil", "root = \"" + image + "\"\nmounts = [\"standard\"]\ncwd = \"root\"\n");
    ImageTree.of(
        image,
        "symlink dev " + victim,
        "symlink proc ../../../../" + victim,
        "symlink sys " + victim + "/new",
        "symlink tmp " + victim);
    assertThat(attack().status()).isEqualTo(125);
    ImageTree.of(
        image,
        "dir " + victim.toString().substring(1),
        "dir " + victim.toString().substring(1) + "/new");
    assertThat(attack().status()).isIn(125, 127);
  }
}
