// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.rpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.doctor.files.Budget;
import org.syschroot.doctor.files.BudgetSpentException;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.path.HostPath;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Databases that a real rpm has written, in a small tree, and what must not come of bad ones. */
@RequiresCommand({"rpm", "rpmbuild", "db5.3_load", "python3"})
class RpmDatabaseTest {
  private static final Set<String> ASKED =
      Set.of("/usr/bin/su", "/usr/bin/rootme", "/usr/bin/caf\u00c3\u00a9");
  private static final String SPEC =
      """
      Name: glibc
      Version: 2.17
      Release: 326.el7_9
      Summary: of a test
      License: none
      BuildArch: noarch
      AutoReqProv: no
      %description
      Of a test.
      %install
      mkdir -p %{buildroot}/usr/bin
      touch %{buildroot}/usr/bin/su %{buildroot}/usr/bin/café
      %files
      /usr/bin/su
      /usr/bin/café
      %changelog
      * Wed Feb 17 2016 A Packager <a@example.org> - 2.17-2
      - CVE-2015-7547: Fix the resolver
      - Revert the fix for CVE-2014-5119
      """;

  /** As rpm before 4.16 had it; no rpm of today writes it. */
  private static final String TO_BERKELEY =
      """
      set -e
      python3 - "$1/rpmdb.sqlite" > "$1/dump" <<'END'
      import sqlite3, sys
      print("VERSION=3\\nformat=bytevalue\\ntype=hash\\nHEADER=END\\n 00000000\\n 10000000")
      for number, header in sqlite3.connect(sys.argv[1]).execute("select hnum, blob from Packages"):
          print(" " + number.to_bytes(4, "little").hex() + "\\n " + header.hex())
      print("DATA=END")
      END
      db5.3_load -f "$1/dump" "$1/Packages"
      rm "$1"/rpmdb.* "$1/dump"
      """;

  @TempDir Path folder;
  private Path image;
  private Path database;
  private Set<String> before;

  @BeforeEach
  void makeImage() throws Exception {
    image = Files.createDirectory(folder.toRealPath().resolve("image"));
    before = copies();
  }

  /** Whatever a test has asked, no copy is left. */
  @AfterEach
  void nothingIsLeft() throws Exception {
    assertThat(copies()).isEqualTo(before);
  }

  private static Set<String> copies() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("syschroot-rpm"))
          .collect(java.util.stream.Collectors.toSet());
    }
  }

  private void install(String place) throws Exception {
    database = Files.createDirectories(image.resolve(place));
    Path spec = Files.writeString(folder.resolve("glibc.spec"), SPEC);
    String build = "_topdir " + folder.resolve("build");
    sh("rpmbuild -bb --quiet --define \"$0\" \"$1\" 2>&1", build, spec.toString());
    sh(
        "rpm --dbpath \"$0\" -i --justdb --nodeps \"$1\"/build/RPMS/noarch/*.rpm 2>&1",
        database.toString(),
        folder.toString());
  }

  private static void sh(String script, String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of("sh", "-c", script));
    command.addAll(List.of(words));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C.UTF-8");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private SystemFiles tree(Duration time) throws IOException {
    return SystemFiles.ofImage(
        LinuxKernel.running(),
        LinuxTreeCalls.running(),
        HostPath.of(image.toString()),
        List.of(),
        Budget.of(time, System::nanoTime));
  }

  private RpmDatabase opened(Path program) throws IOException {
    return RpmDatabase.of(tree(Duration.ofSeconds(60)), program).orElseThrow();
  }

  private Path program(String script) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path file = Files.writeString(folder.resolve("rpm"), "#!/bin/sh\n" + script);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(database)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void of_imageWithoutDatabase_isEmpty() throws Exception {
    Files.createDirectories(image.resolve("var/lib/rpm"));
    assertThat(RpmDatabase.of(tree(Duration.ofSeconds(60)))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"var/lib/rpm", "usr/lib/sysimage/rpm"})
  void query_sqlite_tellsFilesAndChangelogAndChangesNothing(String place) throws Exception {
    install(place);
    final List<String> names = names();
    final byte[] bytes = Files.readAllBytes(database.resolve("rpmdb.sqlite"));
    RpmDatabase opened = opened(HostRpm.PROGRAM);
    assertThat(opened.owned(ASKED)).containsExactlyInAnyOrder("/usr/bin/su", "/usr/bin/cafÃ©");
    assertThat(opened.glibc())
        .contains(new GlibcPackage("2.17-326.el7_9", Set.of("CVE-2015-7547")));
    assertThat(names()).isEqualTo(names);
    assertThat(Files.readAllBytes(database.resolve("rpmdb.sqlite"))).isEqualTo(bytes);
  }

  @Test
  void query_berkeleyDatabase_isReadToo() throws Exception {
    install("var/lib/rpm");
    sh(TO_BERKELEY, "sh", database.toString());
    assertThat(names()).contains("Packages").doesNotContain("rpmdb.sqlite");
    RpmDatabase opened = opened(HostRpm.PROGRAM);
    assertThat(opened.owned(ASKED)).contains("/usr/bin/su").doesNotContain("/usr/bin/rootme");
    assertThat(opened.glibc()).map(GlibcPackage::version).contains("2.17-326.el7_9");
  }

  /** Debian's rpm knows no ndb, and would say that there are no packages. */
  @Test
  void query_formThatTheHostDoesNotKnow_isNoEmptyDatabase() throws Exception {
    database = Files.createDirectories(image.resolve("usr/lib/sysimage/rpm"));
    Files.writeString(database.resolve("Packages.db"), "RpmP");
    assertThatThrownBy(() -> opened(HostRpm.PROGRAM).owned(ASKED))
        .isInstanceOf(RpmException.class)
        .hasMessageContaining("the host's rpm cannot read the image's database");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rpmdb.sqlite", "Packages"})
  void query_damagedDatabase_saysSo(String name) throws Exception {
    database = Files.createDirectories(image.resolve("var/lib/rpm"));
    Files.write(database.resolve(name), new byte[100_000]);
    Files.writeString(database.resolve(name), "x".repeat(100_000));
    assertThatThrownBy(() -> opened(HostRpm.PROGRAM).owned(ASKED))
        .isInstanceOf(RpmException.class)
        .hasMessageContaining("the host's rpm cannot read the image's database: ");
  }

  /** Users may have put a link where rpm's files are: it leads to nothing of the host. */
  @Test
  void of_databaseIsALinkToTheHost_isNotFollowed() throws Exception {
    database = Files.createDirectories(image.resolve("var/lib/rpm"));
    Path secret = Files.writeString(folder.resolve("secret"), "of the host");
    Files.createSymbolicLink(database.resolve("rpmdb.sqlite"), secret);
    sh("mkfifo \"$0/Packages\"", database.toString());
    assertThat(RpmDatabase.of(tree(Duration.ofSeconds(60)))).isEmpty();
  }

  @Test
  void query_hostWithoutRpm_isTold() throws Exception {
    install("var/lib/rpm");
    assertThatThrownBy(() -> opened(folder.resolve("none")).owned(ASKED))
        .isInstanceOfSatisfying(
            RpmException.class, failure -> assertThat(failure.isMissing()).isTrue());
  }

  @Test
  @RequiresRoot
  void query_byRoot_isDoneByAUserWhoMayDoNothing() throws Exception {
    install("var/lib/rpm");
    Path rpm =
        program(
            "id -u; id -G; grep -e ^CapEff -e ^CapBnd -e ^NoNewPrivs /proc/self/status;"
                + " ls /sys/class/net; ulimit -v; echo $$\n");
    DatabaseCopy copy = DatabaseCopy.of(tree(Duration.ofSeconds(60)), List.of());
    List<String> lines = new ArrayList<>();
    try (copy) {
      new HostRpm(rpm).query(copy, List.of(), lines::add, Budget.standard());
    }
    assertThat(lines)
        .startsWith(
            "4294967293",
            "4294967293",
            "CapEff:\t0000000000000000",
            "CapBnd:\t0000000000000000",
            "NoNewPrivs:\t1")
        .endsWith("2097152", lines.get(lines.size() - 1));
    assertThat(Integer.parseInt(lines.get(lines.size() - 1))).isLessThan(10);
  }

  @Test
  void query_rpmThatDoesNotEnd_isEndedWithAllItHasStarted() throws Exception {
    install("var/lib/rpm");
    Path rpm = program("sleep 98763 & sleep 98763\n");
    RpmDatabase opened = RpmDatabase.of(tree(Duration.ofSeconds(4)), rpm).orElseThrow();
    assertThatThrownBy(() -> opened.owned(ASKED)).isInstanceOf(BudgetSpentException.class);
    assertThat(
            ProcessHandle.allProcesses()
                .flatMap(process -> process.info().commandLine().stream())
                .filter(line -> line.endsWith("sleep 98763")))
        .isEmpty();
  }

  @Test
  void query_answerWithoutEndOrLines_isBrokenOff() throws Exception {
    install("var/lib/rpm");
    Path rpm = program("echo /usr/bin/su; exec tr '\\0' x < /dev/zero\n");
    assertThatThrownBy(() -> opened(rpm).owned(ASKED))
        .isInstanceOf(BudgetSpentException.class)
        .hasMessageContaining("bytes");
  }

  /** What an attacked rpm leaves in its directory leads the deleting nowhere. */
  @Test
  void query_linksAndDirectoriesLeftInTheCopy_areDeletedAndNothingElse() throws Exception {
    install("var/lib/rpm");
    Path kept = Files.createDirectory(folder.resolve("kept"));
    Files.writeString(kept.resolve("file"), "of the host");
    Path rpm =
        program(
            "cd \"$HOME\"; ln -s "
                + kept
                + " link; mkdir -p a/b/c; ln -s "
                + kept
                + " a/b/link; rm -f rpmdb.sqlite; ln -s "
                + kept
                + "/file rpmdb.sqlite\n");
    assertThat(opened(rpm).owned(ASKED)).isEmpty();
    assertThat(kept.resolve("file")).hasContent("of the host");
  }

  @Test
  void glibc_packagesOfTwoProcessors_onlyWhatBothHaveMended() {
    GlibcPackage.Lines lines = new GlibcPackage.Lines();
    List.of("V 2.12-1", "C - CVE-2010-3847 and CVE-2010-3856", "V 2.12-1", "C - CVE-2010-3856")
        .forEach(lines);
    assertThat(lines.result()).contains(new GlibcPackage("2.12-1", Set.of("CVE-2010-3856")));
  }
}
