// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.doctor.checks.StandardChecks;
import org.syschroot.doctor.files.Budget;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Diagnosis;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.finding.Severity;
import org.syschroot.doctor.host.HostFactsReader;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.mountplan.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.testing.ImageTree;

class DoctorTest {
  private static Examination examination(Path root) throws IOException {
    return examination(root, Budget.standard());
  }

  private static Examination examination(Path root, Budget budget) throws IOException {
    SystemFiles host = SystemFiles.ofHost(LinuxKernel.running(), LinuxTreeCalls.running(), budget);
    return Examination.of(
        Image.builder(new ImageName("i"), HostPath.of(root.toString()))
            .mounts(MountPlan.empty())
            .build(),
        MountPlan.empty().on(HostFiles.of(FileSystems.getDefault())),
        LinuxKernel.running(),
        LinuxTreeCalls.running(),
        host,
        HostFactsReader.read(host, Map.of("HOME", "/nonexistent"), 0));
  }

  @Test
  void examine_checkThatFails_isANotice(@TempDir Path folder) throws IOException {
    Check failing =
        examination -> {
          throw new IOException("of no use");
        };
    Check finding = examination -> List.of(Finding.error("some-error").build());
    Diagnosis diagnosis = new Doctor(List.of(failing, finding)).examine(examination(folder));
    assertThat(diagnosis.findings())
        .extracting(Finding::id, Finding::severity)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("some-error", Severity.ERROR),
            org.assertj.core.groups.Tuple.tuple("check-incomplete", Severity.NOTICE));
    assertThat(diagnosis.findings().get(1).cause()).isEqualTo("of no use");
  }

  private static int recurse(int depth) {
    return recurse(depth + 1) + depth;
  }

  static Stream<Check> failures() {
    return Stream.of(
        examination -> {
          throw new OutOfMemoryError("Java heap space");
        },
        examination -> {
          throw new IllegalStateException("a fault of ours");
        },
        examination -> List.of(Finding.error("x" + recurse(0)).build()),
        examination -> List.of(Finding.error("x" + new long[Integer.MAX_VALUE].length).build()));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void examine_checkThatBreaks_isAnErrorAndHidesNothing(Check breaking, @TempDir Path folder)
      throws IOException {
    Check finding = examination -> List.of(Finding.warning("some-warning").build());
    Diagnosis diagnosis =
        new Doctor(List.of(finding, breaking, finding)).examine(examination(folder));
    assertThat(diagnosis.findings())
        .extracting(found -> found.severity() + " " + found.id())
        .containsExactly("error check-incomplete", "warning some-warning", "warning some-warning");
  }

  @Test
  @Timeout(60)
  void examine_checkThatNeverEnds_isLeftBehindAndSaid(@TempDir Path folder) throws IOException {
    CountDownLatch never = new CountDownLatch(1);
    Check hanging =
        new Check() {
          @Override
          public String name() {
            return "Hanging";
          }

          @Override
          public List<Finding> examine(Examination examination) {
            examination.survey();
            Uninterruptibles.awaitUninterruptibly(never);
            return List.of();
          }
        };
    Check survey =
        examination -> List.of(Finding.notice("seen-" + examination.survey().files()).build());
    Budget budget = Budget.of(Duration.ofSeconds(2), System::nanoTime);
    Diagnosis diagnosis = new Doctor(List.of(hanging, survey)).examine(examination(folder, budget));
    never.countDown();
    assertThat(diagnosis.findings())
        .extracting(found -> found.severity() + " " + found.id())
        .containsExactly("warning image-partly-looked-at", "notice seen-0");
    assertThat(diagnosis.findings().get(0).effect()).contains("Hanging");
  }

  @Test
  @Timeout(60)
  void examine_fileThatIsTooMuch_isSaidAndHidesNothing(@TempDir Path folder) throws IOException {
    Path root = ImageTree.of(folder.toRealPath(), "dir etc", "dir open");
    Files.setPosixFilePermissions(
        root.resolve("open"), PosixFilePermissions.fromString("rwxrwxrwx"));
    for (String path : List.of("passwd", "group", "hosts", "nsswitch.conf", "ld.so.conf")) {
      Files.writeString(root.resolve("etc/" + path), "\n".repeat(9 << 20));
    }
    Diagnosis diagnosis = StandardChecks.doctor().examine(examination(root));
    assertThat(diagnosis.findings())
        .extracting(Finding::id)
        .contains("image-partly-looked-at", "directory-open-to-all")
        .doesNotContain("account-missing", "group-missing", "hosts-differ", "check-incomplete");
  }

  @Test
  void finding_textOfAnyLength_isCut() {
    Finding finding =
        Finding.error("x").cause("c".repeat(1 << 20)).path("/p".repeat(1 << 20)).build();
    assertThat(finding.cause()).hasSizeLessThan(5_000).endsWith("...");
    assertThat(finding.paths().get(0)).hasSizeLessThan(25_000);
  }

  /** Every place that a check reads is a FIFO, a loop, a device's name or a huge sparse file. */
  @Test
  @Timeout(60)
  void examine_hostileImage_ends(@TempDir Path folder) throws IOException {
    Path root =
        ImageTree.of(
            folder.toRealPath(),
            "fifo bin/sh",
            "fifo etc/ld.so.cache",
            "fifo etc/passwd",
            "symlink etc/group group",
            "symlink etc/hosts /dev/zero",
            "fifo etc/resolv.conf",
            "fifo etc/localtime",
            "dir etc/nsswitch.conf",
            "file etc/ld.so.conf include ld.so.conf\ninclude *\n",
            "fifo etc/mtab",
            "fifo lib/libc.so.6",
            "symlink lib/libx.so.1 libx.so.1",
            "fifo var/lib/dpkg/info/a.list",
            "fifo var/lib/dpkg/status",
            "fifo usr/lib/locale/locale-archive",
            "fifo dev/log");
    Diagnosis diagnosis = StandardChecks.doctor().examine(examination(root));
    assertThat(diagnosis.findings())
        .extracting(Finding::id)
        .contains("shell-missing")
        .doesNotContain("check-incomplete");
  }

  @Test
  @Timeout(60)
  void examine_endlessElfFiles_ends(@TempDir Path folder) throws IOException {
    Path root = ImageTree.of(folder.toRealPath(), "dir bin", "dir lib", "dir etc");
    byte[] head = {0x7f, 'E', 'L', 'F', 2, 1, 1, 0};
    for (String path : List.of("bin/sh", "lib/libc.so.6", "etc/ld.so.cache", "etc/passwd")) {
      try (var file = new java.io.RandomAccessFile(root.resolve(path).toFile(), "rw")) {
        file.write(head);
        file.setLength(1L << 40);
      }
    }
    Diagnosis diagnosis = StandardChecks.doctor().examine(examination(root));
    assertThat(diagnosis.findings())
        .extracting(Finding::id)
        .contains("image-partly-looked-at")
        .doesNotContain("account-missing", "account-differs");
  }

  @Test
  void finding_id_isOfLowerCaseWords() {
    assertThatThrownBy(() -> Finding.error("Not An Id").build())
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void finding_manyPaths_keepsTheFirstTen() {
    Finding finding =
        Finding.notice("x").paths(List.of("a,b,c,d,e,f,g,h,i,j,k".split(","))).build();
    assertThat(finding.paths()).hasSize(10).endsWith("j");
  }
}
