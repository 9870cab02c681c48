// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.doctor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.mount.HostFiles;
import org.syschroot.mount.MountPlan;
import org.syschroot.path.HostPath;
import org.syschroot.personality.checks.StandardChecks;
import org.syschroot.personality.files.SystemFiles;
import org.syschroot.personality.host.HostFactsReader;
import org.syschroot.testing.ImageTree;

class DoctorTest {
  private static Examination examination(Path root) throws IOException {
    SystemFiles host = SystemFiles.ofHost(LinuxKernel.running(), LinuxTreeCalls.running());
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
    assertThat(diagnosis.findings()).extracting(Finding::id).contains("not-looked-at");
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
