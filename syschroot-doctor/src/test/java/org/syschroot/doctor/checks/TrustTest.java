// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.doctor.finding.Diagnosis;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.finding.PrivilegedFile;
import org.syschroot.image.Launchers;
import org.syschroot.path.HostPath;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Who can change the image, what gives a privilege in it, and what its launchers need. */
class TrustTest {
  private PreparedImage image;

  @BeforeEach
  void prepare(@TempDir Path folder) throws Exception {
    image = PreparedImage.withGlibc(folder);
    image.inImage("dir usr/bin", "dir var/lib/dpkg/info", "mode tmp 1777");
  }

  @Test
  void openFiles_tmpWithStickyBit_findNothing() {
    assertThat(image.findings(new OpenFiles())).isEmpty();
  }

  @Test
  void userNamespaces_settingOfTheHost_isToldOnlyIfItForbids() {
    image.onHost("dir proc/sys/user", "file proc/sys/user/max_user_namespaces 1000");
    assertThat(image.findings(new UserNamespaces())).isEmpty();

    image.onHost("file proc/sys/user/max_user_namespaces 0");
    assertThat(image.ids(new UserNamespaces())).containsExactly("notice user-namespaces-forbidden");
  }

  @Test
  void openFiles_openToAll_areNamed() {
    image.inImage(
        "dir var/spool/open",
        "mode var/spool/open 0777",
        "file etc/x y",
        "mode etc/x 0666",
        "symlink etc/link x",
        "dir srv/s",
        "mode srv/s 1777");
    List<Finding> findings = image.findings(new OpenFiles());
    assertThat(findings)
        .extracting(Finding::id)
        .containsExactly("directory-open-to-all", "file-open-to-all");
    assertThat(findings.get(0).paths()).containsExactly(image.root + "/var/spool/open");
    assertThat(findings.get(1).paths()).containsExactly(image.root + "/etc/x");
  }

  @Test
  void unknownPrivileges_filesOfPackages_findNothing() {
    image.inImage(
        "file usr/bin/su x",
        "mode usr/bin/su 4755",
        "file usr/bin/wall x",
        "mode usr/bin/wall 2755",
        "file usr/bin/diverted.real x",
        "mode usr/bin/diverted.real 4755",
        "file var/lib/dpkg/info/a.list /.\n/usr\n/usr/bin\n/usr/bin/wall\n/usr/bin/su",
        "file var/lib/dpkg/diversions /usr/bin/diverted\n/usr/bin/diverted.real\nother\n");
    assertThat(image.findings(new UnknownPrivileges())).isEmpty();
    assertThat(image.examination().privilegedFiles().files()).hasSize(3);
  }

  @Test
  void unknownPrivileges_packageThatStillSaysBin_isKnown() throws Exception {
    Files.move(image.root.resolve("bin/sh"), image.root.resolve("usr/bin/sh"));
    Files.delete(image.root.resolve("bin"));
    image.inImage(
        "symlink bin usr/bin",
        "file usr/bin/su x",
        "mode usr/bin/su 4755",
        "file var/lib/dpkg/info/a.list /bin/su\n");
    assertThat(image.findings(new UnknownPrivileges())).isEmpty();
  }

  @Test
  void unknownPrivileges_others_areNamed() {
    image.inImage(
        "file usr/bin/su x",
        "mode usr/bin/su 4755",
        "file opt/rootme x",
        "mode opt/rootme 4755",
        "file opt/lock x",
        "mode opt/lock 2644",
        "file var/lib/dpkg/info/a.list /usr/bin/su\n");
    assertThat(image.findings(new UnknownPrivileges()))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.id()).isEqualTo("privileged-file-unknown");
              assertThat(finding.paths()).containsExactly(image.root + "/opt/rootme");
            });
    image.settings(settings -> settings.trustedOwners(Set.of(65533)));
    assertThat(image.ids(new UnknownPrivileges()))
        .containsExactly("notice privileged-file-unknown");
    image.settings(settings -> settings.trustedOwners(Set.of()));
    assertThat(image.ids(new UnknownPrivileges()))
        .containsExactly("warning privileged-file-unknown");
    image.settings(settings -> settings.noNewPrivileges(true));
    assertThat(image.ids(new UnknownPrivileges()))
        .containsExactly("notice privileged-file-unknown");
    Diagnosis diagnosis = StandardChecks.doctor().examine(image.examination());
    assertThat(diagnosis.privilegedFiles())
        .extracting(PrivilegedFile::path, PrivilegedFile::packaged)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(image.root + "/opt/rootme", "no"),
            org.assertj.core.groups.Tuple.tuple(image.root + "/usr/bin/su", "yes"));
  }

  @Test
  @RequiresRoot
  @RequiresCommand("setcap")
  void unknownPrivileges_fileCapability_isSeen() throws Exception {
    image.inImage("file opt/ping x", "mode opt/ping 0755", "file var/lib/dpkg/info/a.list /x\n");
    int status =
        new ProcessBuilder("setcap", "cap_net_raw=ep", image.root + "/opt/ping")
            .inheritIO()
            .start()
            .waitFor();
    assertThat(status).isZero();
    assertThat(image.examination().privilegedFiles().files().get("/opt/ping").privileges())
        .containsExactly("capabilities");
    assertThat(image.ids(new UnknownPrivileges()))
        .containsExactly("warning privileged-file-unknown");
  }

  @Test
  void glibcFlaws_noNewPrivileges_leavesThoseThatTakeNoSetUserIdProgram() throws Exception {
    image.libc("2.36", "GNU libc", new int[] {3, 2, 0});
    assertThat(image.findings(new GlibcFlaws()).get(0).effect())
        .contains("CVE-2023-4911", "CVE-2024-2961");
    image.settings(settings -> settings.noNewPrivileges(true));
    assertThat(image.findings(new GlibcFlaws()).get(0).effect())
        .contains("CVE-2024-2961")
        .doesNotContain("CVE-2023-4911");
  }

  @Test
  void unknownPrivileges_withoutDatabase_isANotice() throws Exception {
    image.inImage("file usr/bin/su x", "mode usr/bin/su 4755", "dir var/lib/rpm");
    assertThat(image.ids(new UnknownPrivileges()))
        .containsExactly("notice privileged-files-unchecked");
  }

  @Test
  @RequiresRoot
  void imageTrust_onlyRootMayWrite_findsNothing(@TempDir Path folder) throws Exception {
    PreparedImage trusted = PreparedImage.withGlibc(trusted("clean"));
    try {
      assertThat(trusted.findings(new ImageTrust())).isEmpty();
    } finally {
      remove(trusted.root.getParent());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "mode etc 0777, error image-writable-by-others",
    "mode bin/sh 0757, error image-writable-by-others",
    "owner lib64 1000, error image-writable-by-others",
    "mode etc/ld.so.cache 0666, error image-writable-by-others",
    "mode lib64/libc.so.6 0777, error image-writable-by-others"
  })
  @RequiresRoot
  void imageTrust_othersMayWrite_isAnError(String change, String expected) throws Exception {
    PreparedImage trusted = PreparedImage.withGlibc(trusted("others"));
    try {
      trusted.inImage(change);
      assertThat(trusted.ids(new ImageTrust())).containsExactly(expected);
    } finally {
      remove(trusted.root.getParent());
    }
  }

  @Test
  @RequiresRoot
  void imageTrust_filesOfATrustedOwner_areNoError() throws Exception {
    PreparedImage trusted = PreparedImage.withGlibc(trusted("owner"));
    try {
      trusted.inImage("owner lib64 1000", "owner etc 1000");
      assertThat(trusted.ids(new ImageTrust())).containsExactly("error image-writable-by-others");
      trusted.settings(settings -> settings.trustedOwners(Set.of(1000)));
      assertThat(trusted.findings(new ImageTrust())).isEmpty();
      trusted.inImage("owner bin/sh 1001");
      assertThat(trusted.findings(new ImageTrust()))
          .singleElement()
          .satisfies(
              finding -> assertThat(finding.paths()).containsExactly(trusted.root + "/bin/sh"));
    } finally {
      remove(trusted.root.getParent());
    }
  }

  @Test
  @RequiresRoot
  void imageTrust_groupMayWrite_isAWarning() throws Exception {
    PreparedImage trusted = PreparedImage.withGlibc(trusted("group"));
    try {
      trusted.inImage("mode etc 0775");
      Files.setAttribute(trusted.root.resolve("etc"), "unix:gid", 50);
      assertThat(trusted.ids(new ImageTrust())).containsExactly("warning image-writable-by-group");
    } finally {
      remove(trusted.root.getParent());
    }
  }

  @Test
  @RequiresRoot
  void imageTrust_directoryAboveTheRoot_isAnError() throws Exception {
    PreparedImage trusted = PreparedImage.withGlibc(trusted("above"));
    try {
      Files.setAttribute(trusted.root.getParent(), "unix:uid", 1000);
      assertThat(trusted.findings(new ImageTrust()))
          .singleElement()
          .satisfies(
              finding -> {
                assertThat(finding.id()).isEqualTo("image-root-untrusted");
                assertThat(finding.cause()).contains("belongs to uid 1000");
              });
    } finally {
      remove(trusted.root.getParent());
    }
  }

  /** JUnit's folder is in /tmp, and belongs to root there too; its mode is 0700. */
  private static Path trusted(String name) throws Exception {
    return Files.createTempDirectory(Path.of("/var/tmp"), "syschroot-" + name);
  }

  private static void remove(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void launcherPrograms_programOrLinkMissing_isTold() throws Exception {
    image.settings(
        settings ->
            settings.launchers(new Launchers(HostPath.of("/bin4"), List.of("sh", "ksh", "image"))));
    assertThat(image.ids(new LauncherPrograms()))
        .containsExactly("error launcher-program-missing", "warning launcher-link-missing");
    assertThat(image.findings(new LauncherPrograms()).get(1).paths())
        .containsExactly(image.root + "/bin4/sh", image.root + "/bin4/ksh");
    image.program("usr/bin/ksh", SmallElf.of(SmallElf.EM_X86_64));
    image.inImage("symlink bin4/sh ../bin/sh", "symlink bin4/ksh ../usr/bin/ksh");
    assertThat(image.findings(new LauncherPrograms())).isEmpty();
  }

  @Test
  void mountPoints_onWritableImage_findNothing() {
    image.onHost("dir data").mount("HOST/data:/data");
    assertThat(image.findings(new MissingMountPoints())).isEmpty();
  }

  @Test
  void mountPoints_missingOnAMount_isAnError() {
    image.onHost("dir data", "dir more").mount("HOST/data:/data").mount("HOST/more:/data/more");
    assertThat(image.ids(new MissingMountPoints())).containsExactly("error mount-point-missing");
    image.onHost("dir data/more");
    assertThat(image.findings(new MissingMountPoints())).isEmpty();
  }

  @Test
  void mountPoints_inMemory_areMade() throws Exception {
    Path memory = Files.createTempDirectory(Path.of("/dev/shm"), "syschroot");
    try {
      image.onHost(
          "dir more", "file proc/thread-self/mounts / / ext4 rw\nnone /dev/shm tmpfs rw\n");
      image.mount(memory + ":/data").mount("HOST/more:/data/more");
      assertThat(image.findings(new MissingMountPoints())).isEmpty();
    } finally {
      Files.delete(memory);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "symlink data nowhere, symbolic link",
    "symlink data data, symbolic link",
    "symlink data /../../host, symbolic link",
    "file data x, source and mount point differ in type"
  })
  void mountPoints_ofNoUse_areAnError(String line, String cause) {
    image.onHost("dir data").inImage(line).mount("HOST/data:/data");
    assertThat(image.findings(new MissingMountPoints()))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.cause()).contains(cause);
              assertThat(finding.paths()).containsExactly(image.root + "/data");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"2.5", "2.12"})
  void glibcFlaws_otherDistribution_arePossible(String version) throws Exception {
    image.libc(version, "", new int[] {2, 6, 9});
    assertThat(image.findings(new GlibcFlaws()))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.id()).isEqualTo("glibc-flaw-possible");
              assertThat(finding.effect()).contains("CVE-2010-3847", "CVE-2015-0235");
            });
  }

  @Test
  void glibcFlaws_debianBeforeTheUpdate_areCertain() throws Exception {
    image.libc("2.36", "Debian GLIBC 2.36-9+deb12u2", new int[] {3, 2, 0});
    assertThat(image.findings(new GlibcFlaws()))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.id()).isEqualTo("glibc-flaw");
              assertThat(finding.effect())
                  .contains("CVE-2023-4911", "CVE-2023-6246", "CVE-2024-2961");
            });
  }

  @Test
  void glibcFlaws_newest_areNone() {
    assertThat(image.findings(new GlibcFlaws())).isEmpty();
  }

  @Test
  void homeFiles_largeFileIn32BitImage_isTold() throws Exception {
    image.program("bin/sh", SmallElf.of(SmallElf.EM_386));
    image.onHost("dir home/ann/deep").mount("HOST/home:/home");
    image.environment.put("HOME", "/home/ann");
    assertThat(image.findings(new HomeFiles())).isEmpty();
    Path large = image.host.resolve("home/ann/deep/large");
    try (var file = new java.io.RandomAccessFile(large.toFile(), "rw")) {
      file.setLength(1L << 31);
    }
    assertThat(image.findings(new HomeFiles()))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.id()).isEqualTo("file-too-large");
              assertThat(finding.paths()).containsExactly(large.toString());
              assertThat(finding.cause()).contains("EOVERFLOW", "all 2 files of");
            });
    image.program("bin/sh", SmallElf.of(SmallElf.EM_X86_64));
    assertThat(image.findings(new HomeFiles())).as("a 64-bit image").isEmpty();
  }

  @Test
  void homeFiles_moreThanTheLimit_saysWhatItLookedAt() throws Exception {
    image.program("bin/sh", SmallElf.of(SmallElf.EM_386));
    image.onHost("dir home/ann").mount("HOST/home:/home");
    image.environment.put("HOME", "/home/ann");
    for (int i = 0; i <= HomeFiles.MOST_FILES; i++) {
      Files.createFile(image.host.resolve("home/ann/" + i));
    }
    assertThat(image.findings(new HomeFiles()))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.id()).isEqualTo("home-partly-looked-at");
              assertThat(finding.cause()).contains("the first 20000 files");
            });
  }
}
