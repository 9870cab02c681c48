// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** A JVM that cannot start, or lacks what it needs, is a failure of ours: one line, and 125. */
class JvmFailureIT {
  /** Nobody has this number, so that its processes are ours. */
  private static final String UNUSED_UID = "61423";

  @TempDir Path folder;

  @BeforeEach
  void warmUp() throws Exception {
    assertThat(Program.of(TestImages.command().toString(), "--version").run().status()).isZero();
  }

  private static void assertFails(Outcome outcome, String message) {
    assertThat(outcome.status()).as("%s", outcome).isEqualTo(125);
    assertThat(outcome.outText()).isEmpty();
    assertThat(outcome.errText()).startsWith("syschroot: " + message);
    assertThat(outcome.errText().lines()).hasSize(1);
  }

  private static Outcome limited(String limit, String... words) throws Exception {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(List.of("bash", "-c", limit + "; exec \"$@\"", "bash"));
    all.addAll(List.of(TestImages.command().toString(), "--version"));
    return Program.of(all).run();
  }

  @ParameterizedTest
  @ValueSource(ints = {50_000, 100_000, 250_000, 350_000, 450_000, 500_000})
  void start_littleAddressSpace_isRefusedWithWhatIsNeeded(int kibibytes) throws Exception {
    assertFails(
        limited("ulimit -v " + kibibytes),
        "the limit of address space is "
            + kibibytes
            + " KiB, and the JVM needs 716800: raise it with ulimit -v\n");
  }

  @Test
  void start_enoughAddressSpace_works() throws Exception {
    assertThat(limited("ulimit -v 716800").status()).isZero();
  }

  @Test
  void start_littleData_isRefusedWithWhatIsNeeded() throws Exception {
    assertFails(limited("ulimit -d 40000"), "the limit of data is 40000 KiB, and the JVM needs ");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5, 10, 15})
  @RequiresRoot
  @RequiresCommand("setpriv")
  void start_fewProcesses_isRefusedWithWhatIsNeeded(int processes) throws Exception {
    Outcome outcome =
        limited(
            "ulimit -u " + processes,
            "setpriv",
            "--reuid=" + UNUSED_UID,
            "--regid=" + UNUSED_UID,
            "--clear-groups");
    assertFails(outcome, "");
    assertThat(outcome.errText())
        .containsAnyOf("the limit of processes is " + processes, "cannot fork: ");
  }

  /** An installed copy of the command. */
  private Path install() throws IOException {
    Path jars = Files.createDirectories(folder.resolve("share/syschroot"));
    Path start = Files.createDirectory(folder.resolve("bin")).resolve("syschroot");
    Files.copy(
        TestImages.checkout().resolve("syschroot"), start, StandardCopyOption.COPY_ATTRIBUTES);
    Path command = TestImages.checkout().resolve("syschroot-cli/target/command");
    try (Stream<Path> files = Files.list(command)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".jar")) {
          Files.copy(file, jars.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
    Files.createSymbolicLink(jars.resolve("jni"), command.resolve("jni"));
    return start;
  }

  private Path jar(String beginning) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("share/syschroot"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(beginning))
          .findFirst()
          .orElseThrow();
    }
  }

  private static void damage(Path jar, String how) throws IOException {
    if (how.equals("missing")) {
      Files.delete(jar);
      return;
    }
    try (RandomAccessFile file = new RandomAccessFile(jar.toFile(), "rw")) {
      int half = (int) file.length() / 2;
      if (how.equals("cut")) {
        file.setLength(half);
      } else {
        file.seek(1000);
        file.write(new byte[half]);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "syschroot.jar,missing",
    "syschroot.jar,cut",
    "syschroot.jar,overwritten",
    "syschroot-core,missing",
    "syschroot-core,cut",
    "syschroot-core,overwritten",
    "syschroot-picocli,missing"
  })
  void start_jarIsDamaged_saysToInstallAgain(String beginning, String how) throws Exception {
    Path start = install();
    damage(jar(beginning), how);
    Outcome outcome = Program.of(start.toString(), "list").run();
    assertFails(outcome, "");
    assertThat(outcome.errText()).contains("reinstall syschroot");
  }

  @ParameterizedTest
  @ValueSource(strings = {"cut", "overwritten"})
  void start_archiveIsDamaged_makesAnother(String how) throws Exception {
    Path start = install();
    assertThat(Program.of(start.toString(), "--version").run().status()).isZero();
    Path archive = jar("syschroot-1");
    long size = Files.size(archive);
    damage(archive, how);
    Files.setLastModifiedTime(archive, FileTime.from(Instant.now().plusSeconds(10)));

    Outcome outcome = Program.of(start.toString(), "--version").run();
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(outcome.errText()).isEmpty();
    assertThat(Files.size(archive)).isBetween(size / 2 + 1, 2 * size);
  }

  @Test
  void start_javaWithoutItsClasses_isRefused() throws Exception {
    Path java = Files.createDirectories(folder.resolve("java/bin")).resolve("java");
    Files.createFile(
        java, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    Outcome empty =
        Program.of(TestImages.command().toString(), "--version")
            .with(Map.of("JAVA_HOME", folder.resolve("java").toString()))
            .run();
    assertFails(
        empty,
        java
            + " is damaged: "
            + folder.resolve("java/lib/modules")
            + " is missing: install Java again\n");
    Files.delete(java);
    assertFails(
        Program.of(TestImages.command().toString(), "--version")
            .with(Map.of("JAVA_HOME", folder.resolve("java").toString()))
            .run(),
        "JAVA_HOME=" + folder.resolve("java") + " has no bin/java: correct it or unset it\n");
  }
}
