// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.Umask;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

class RelayUnitTest {
  private static final OsString COMMAND = OsString.of("/usr/bin/syschroot");
  private static final List<OsString> ALL = List.of(OsString.of("--all"));

  @TempDir private Path etc;

  private HostPath write() throws IOException {
    return RelayUnit.of(HostPath.of(etc)).write(LinuxKernel.running(), COMMAND, ALL);
  }

  @Test
  void text_oddWords_areQuotedForSystemd() {
    List<OsString> words =
        Stream.of("--stats", "/run/100%/$x/a\"b\\c", "sl5").map(OsString::of).toList();
    assertThat(RelayUnit.text(OsString.of("/opt/my-tools/syschroot"), words))
        .contains(
            "ExecStart=/opt/my-tools/syschroot syslog relay --stats"
                + " \"/run/100%%/$$x/a\\\"b\\\\c\" sl5\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 077})
  void write_existingUnit_isReplacedWhateverTheUmask(int umask) throws IOException {
    Path units = Files.createDirectories(etc.resolve("systemd/system"));
    Path unit = Files.writeString(units.resolve("syschroot-syslog.service"), "old");
    try (Umask changed = Umask.of(umask)) {
      assertThat(changed).isNotNull();
      assertThat(write()).isEqualTo(HostPath.of(unit));
    }
    assertThat(unit).hasContent(RelayUnit.text(COMMAND, ALL));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(unit)))
        .isEqualTo("rw-r--r--");
    try (var files = Files.list(units)) {
      assertThat(files).containsExactly(unit);
    }
  }

  @Test
  void write_linkToNull_isLeftAlone() throws IOException {
    Path units = Files.createDirectories(etc.resolve("systemd/system"));
    Path masked = units.resolve("syschroot-syslog.service");
    Files.createSymbolicLink(masked, Path.of("/dev/null"));
    assertThatThrownBy(this::write).hasMessageContaining("not a regular file");
    assertThat(masked).isSymbolicLink();
  }

  @Test
  void write_noSystemd_saysWhatElse() {
    assertThatThrownBy(this::write)
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith(
            "is not a directory: without systemd, start \"syslog relay\" from a boot script");
  }
}
