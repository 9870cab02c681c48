// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.path.OsString;

final class ShellTextTest {
  @TempDir Path folder;

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void quoted_anyBytes_comeThroughTheShell(long seed) {
    List<OsString> values = values(new Random(seed));
    ShellText text = new ShellText();
    values.forEach(value -> text.line("printf '%s\\000' ", value));
    Path script = Shell.write(folder, text.toOsString());

    Shell.Outcome direct = Shell.run(folder, "sh", script.toString());
    Shell.Outcome substituted =
        Shell.run(folder, "sh", "-c", "sh -c \"$(cat \"$1\")\"", "sh", script.toString());

    assertThat(OsString.split(direct.out())).isEqualTo(values);
    assertThat(OsString.split(substituted.out())).isEqualTo(values);
  }

  private static List<OsString> values(Random random) {
    List<OsString> values = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      // Either any byte, or mostly those that mean something to a shell.
      String special = "'\"\\$`!*?[]{}~#&;|<>() \t\n\u0001-";
      boolean any = random.nextBoolean();
      for (int j = 0; j < bytes.length; j++) {
        bytes[j] =
            any
                ? (byte) (1 + random.nextInt(255))
                : (byte) special.charAt(random.nextInt(special.length()));
      }
      values.add(OsString.ofBytes(bytes));
    }
    return values;
  }
}
