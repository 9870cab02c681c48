// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.quote;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.path.OsString;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

class UnitCommandTest {
  private static final int NOBODY = 65534;

  @TempDir private Path directory;

  private static String of(String... words) {
    return UnitCommand.of(Stream.of(words).map(OsString::of).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "plain/a=b | plain/a=b",
        "a b | \"a b\"",
        "; | \";\"",
        "100% | \"100%%\"",
        "$HOME | \"$$HOME\"",
        "a\"b\\c | \"a\\\"b\\\\c\"",
        "it's | \"it's\"",
        "ü | \"\\xc3\\xbc\"",
      })
  void of_oddArgument_isQuoted(String argument, String expected) {
    assertThat(of("/bin/x", argument)).isEqualTo("/bin/x " + expected);
  }

  @Test
  void of_controlsAndBytes_areEscaped() {
    OsString bytes = OsString.ofBytes(new byte[] {'a', '\n', 0x1b, (byte) 0xe9});
    assertThat(UnitCommand.of(List.of(OsString.of("/bin/x"), bytes, OsString.of(""))))
        .isEqualTo("/bin/x \"a\\x0a\\x1b\\xe9\" \"\"");
  }

  @Test
  void of_oddProgram_isGivenToAShell() {
    assertThat(of("/opt/my $tools;/x", "y"))
        .isEqualTo("/bin/sh -c \"exec \\\"$$0\\\" \\\"$$@\\\"\" \"/opt/my $$tools;/x\" y");
  }

  /** A manager that only shows what it has read; as another user, since root's shows nothing. */
  @Test
  @RequiresRoot
  @RequiresCommand({"systemd-analyze", "setpriv"})
  void of_oddWords_areWhatSystemdReads() throws Exception {
    Path units = Files.createDirectory(directory.resolve("units"));
    OsString bytes = OsString.ofBytes(new byte[] {'a', '\n', 0x1b, (byte) 0xe9});
    List<OsString> words =
        List.of(OsString.of("/opt/my t;$x%\"q'\\b"), bytes, OsString.of(""), OsString.of(";"));
    Files.writeString(
        units.resolve("odd.service"),
        "[Service]\nType=oneshot\nExecStart=" + UnitCommand.of(words) + "\n");
    Path runtime = Files.createDirectory(directory.resolve("runtime"));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setAttribute(runtime, "unix:uid", NOBODY);
    ProcessBuilder manager =
        new ProcessBuilder(
            "setpriv",
            "--reuid=" + NOBODY,
            "--clear-groups",
            "/lib/systemd/systemd",
            "--user",
            "--test",
            "--unit=odd.service");
    manager.environment().put("XDG_RUNTIME_DIR", runtime.toString());
    manager.environment().put("HOME", runtime.toString());
    manager.environment().put("SYSTEMD_UNIT_PATH", units + ":");
    manager.environment().put("SYSTEMD_LOG_TARGET", "console");
    manager.redirectErrorStream(true);
    String shown =
        new String(manager.start().getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    assertThat(shown)
        .contains(
            "Command Line: /bin/sh -c \"exec \\\"\\$\\$0\\\" \\\"\\$\\$@\\\"\""
                + " \"/opt/my t;\\$\\$x%\\\"q'\\\\b\" \"a\\n\\033\\351\" \"\" \";\"\n");
  }
}
