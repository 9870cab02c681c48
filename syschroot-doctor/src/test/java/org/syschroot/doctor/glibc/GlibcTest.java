// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.glibc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.doctor.files.Budget;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.path.HostPath;
import org.syschroot.testing.Dose;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.RequiresCommand;

class GlibcTest {
  private static Optional<Glibc> read(Path root, String path) throws IOException {
    SystemFiles files =
        SystemFiles.ofImage(
            LinuxKernel.running(),
            LinuxTreeCalls.running(),
            HostPath.of(root.toString()),
            List.of(),
            Budget.standard());
    return files.find(path).flatMap(file -> Glibc.read(files, file));
  }

  @ParameterizedTest
  @CsvSource({
    "'GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.', 2.36,"
        + " 2.36-9+deb12u14",
    "'GNU C Library (Debian EGLIBC 2.13-38+deb7u7) stable release version 2.13, by Roland', 2.13,"
        + " 2.13-38+deb7u7",
    "'GNU C Library (Ubuntu GLIBC 2.35-0ubuntu3) stable release version 2.35.', 2.35, ''",
    "'GNU C Library (GNU libc) stable release version 2.28.', 2.28, ''",
    "'GNU C Library stable release version 2.5, by Roland McGrath et al.', 2.5, ''",
    "'GNU C Library development release version 2.3.90, by', 2.3, ''"
  })
  void read_banner_tellsTheVersion(
      String banner, String version, String debian, @TempDir Path folder) throws IOException {
    ImageTree.of(folder, "file libc.so.6 GNU C Library nothing\0x" + banner + "\nmore");
    Glibc libc = read(folder.toRealPath(), "/libc.so.6").orElseThrow();
    assertThat(libc.version()).hasToString(version);
    assertThat(libc.debianVersion())
        .isEqualTo(debian.isEmpty() ? Optional.empty() : Optional.of(debian));
  }

  @Test
  void read_oldDebian_packageTellsTheVersion(@TempDir Path folder) throws IOException {
    ImageTree.of(
        folder,
        "file libc.so.6 GNU C Library stable release version 2.7, by Roland McGrath et al.",
        "file etc/debian_version 5.0.10",
        "file var/lib/dpkg/status Package: libc\nStatus: x installed\nVersion: 9\n\nPackage:"
            + " libc6\n"
            + "Status: install ok installed\nArchitecture: i386\nSource: glibc\nVersion:"
            + " 2.7-18lenny6\n");
    assertThat(read(folder.toRealPath(), "/libc.so.6").orElseThrow().debianVersion())
        .contains("2.7-18lenny6");
  }

  @Test
  void read_musl_isNone(@TempDir Path folder) throws IOException {
    ImageTree.of(folder, "file libc.so musl libc\nVersion 1.2.3\n");
    assertThat(read(folder.toRealPath(), "/libc.so")).isEmpty();
  }

  /** The examples of deb-version(7) and more, asked of dpkg itself. */
  @Test
  @RequiresCommand("dpkg")
  void debianVersion_randomPairs_areOrderedAsByDpkg() throws Exception {
    SplittableRandom random = new SplittableRandom(20261124);
    String[] parts = {"1", "2", "10", "009", "~", "a", "z", "+deb8u", "-", ".", "lenny", "1:"};
    for (int i = 0; i < Dose.of(60, 2_000); i++) {
      String a = version(random, parts);
      String b = version(random, parts);
      String word = new DebianVersion(a).compareTo(new DebianVersion(b)) < 0 ? "lt" : "ge";
      Process dpkg = new ProcessBuilder("dpkg", "--compare-versions", a, word, b).start();
      assertThat(dpkg.waitFor()).as("%s %s %s", a, word, b).isZero();
    }
  }

  private static String version(SplittableRandom random, String[] parts) {
    StringBuilder version = new StringBuilder("2");
    for (int i = random.nextInt(5); i > 0; i--) {
      version.append(parts[random.nextInt(parts.length - 1)]);
    }
    return (random.nextInt(8) == 0 ? "1:" : "") + version + "0";
  }

  @ParameterizedTest
  @CsvSource({
    "CVE-2010-3847, 2.7-18lenny5, AFFECTED", "CVE-2010-3847, 2.7-18lenny7, NOT_AFFECTED",
    "CVE-2010-3856, 2.7-18lenny6, AFFECTED", "CVE-2010-3847, 2.11.2-7, AFFECTED",
    "CVE-2010-3847, 2.11.3-4, NOT_AFFECTED", "CVE-2010-3847, 2.13-38, NOT_AFFECTED",
    "CVE-2015-0235, 2.13-38+deb7u6, AFFECTED", "CVE-2015-0235, 2.13-38+deb7u10, NOT_AFFECTED",
    "CVE-2015-0235, 2.19-18, NOT_AFFECTED", "CVE-2015-7547, 2.19-18+deb8u2, AFFECTED",
    "CVE-2015-7547, 2.7-18lenny7, NOT_AFFECTED", "CVE-2017-1000366, 2.24-11, AFFECTED",
    "CVE-2017-1000366, 2.24-12, NOT_AFFECTED", "CVE-2018-1000001, 2.24-11+deb9u1, PERHAPS",
    "CVE-2023-4911, 2.31-13+deb11u6, AFFECTED", "CVE-2023-4911, 2.36-9+deb12u3, NOT_AFFECTED",
    "CVE-2023-4911, 2.28-10, NOT_AFFECTED", "CVE-2023-6246, 2.31-13+deb11u6, NOT_AFFECTED",
    "CVE-2024-2961, 2.31-13+deb11u8, AFFECTED", "CVE-2024-2961, 2.41-12, NOT_AFFECTED",
    "CVE-2024-2961, 2.28-10, PERHAPS"
  })
  void verdict_debianVersion_isThatOfItsRelease(
      String cve, String version, GlibcFlaw.Verdict expected) throws IOException {
    GlibcFlaw flaw =
        GlibcFlaw.KNOWN.stream().filter(each -> each.cve().equals(cve)).findFirst().orElseThrow();
    SystemFiles host =
        SystemFiles.ofHost(LinuxKernel.running(), LinuxTreeCalls.running(), Budget.standard());
    Glibc libc =
        new Glibc(host.root(), GlibcVersion.parse(version).orElseThrow(), Optional.of(version));
    assertThat(flaw.verdict(libc)).isEqualTo(expected);
  }

  @Test
  @RequiresCommand("ldconfig")
  void libraryCache_ofTheHost_isWhatLdconfigPrints() throws Exception {
    LibraryCache cache =
        LibraryCache.parse(Files.readAllBytes(Path.of("/etc/ld.so.cache"))).orElseThrow();
    Process ldconfig = new ProcessBuilder("ldconfig", "-p").start();
    String text = new String(ldconfig.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    List<String> printed =
        text.lines()
            .filter(line -> line.contains(" => "))
            .map(line -> line.substring(line.indexOf(" => ") + 4))
            .toList();
    assertThat(cache.libraries()).extracting(LibraryCache.Entry::path).isEqualTo(printed);
    assertThat(text).contains("\t" + cache.libraries().get(0).name() + " (");
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#ten")
  void libraryCache_damaged_isReadOrRefused(SplittableRandom random) throws IOException {
    byte[] good = Files.readAllBytes(Path.of("/etc/ld.so.cache"));
    for (int i = 0; i < Dose.of(300, 10_000); i++) {
      byte[] bad = java.util.Arrays.copyOf(good, random.nextInt(good.length + 1));
      for (int j = random.nextInt(8); j > 0 && bad.length > 0; j--) {
        int at =
            random.nextBoolean()
                ? random.nextInt(Math.min(64, bad.length))
                : random.nextInt(bad.length);
        bad[at] = (byte) random.nextInt();
      }
      LibraryCache.parse(bad)
          .ifPresent(
              cache -> assertThat(cache.libraries().size()).isLessThanOrEqualTo(good.length / 12));
    }
  }
}
