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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Settings and roots that are refused, in which words, and those that are odd but work. */
@RequiresRoot
@RequiresCommand("debootstrap")
class BadInputIT {
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

  @Test
  void run_imageWithoutMounts_works() throws Exception {
    site.image("bare", "root = \"" + TestImages.deb32() + "\"\nmounts = []\ncwd = \"root\"\n");
    assertThat(site.run("--directory", "/usr", "bare", "--", "sh", "-c", "pwd; ls /proc"))
        .hasToString("status 0\nout: /usr\n\nerr: ");
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
