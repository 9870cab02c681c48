// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RelayUnitTest {
  @TempDir private Path etc;

  @Test
  void text_oddWords_areQuotedForSystemd() {
    assertThat(
            RelayUnit.text(
                "/opt/my tools/syschroot", List.of("--stats", "/run/100%/$x/a\"b\\c", "sl5")))
        .contains(
            "ExecStart=\"/opt/my tools/syschroot\" syslog relay --stats"
                + " \"/run/100%%/$$x/a\\\"b\\\\c\" sl5\n");
  }

  @Test
  void write_existingUnit_isReplaced() throws IOException {
    Path units = Files.createDirectories(etc.resolve("systemd/system"));
    Files.writeString(units.resolve("syschroot-syslog.service"), "old");
    Path file = RelayUnit.of(etc).write("/usr/bin/syschroot", List.of("--all"));
    assertThat(file).isEqualTo(units.resolve("syschroot-syslog.service"));
    assertThat(file).hasContent(RelayUnit.text("/usr/bin/syschroot", List.of("--all")));
    try (var files = Files.list(units)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void write_noSystemd_saysWhatElse() {
    assertThatThrownBy(() -> RelayUnit.of(etc).write("/usr/bin/syschroot", List.of("--all")))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith(
            "is no directory: without systemd, start \"syslog relay\" from a boot script");
  }
}
