// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OsStringTest {
  private static final byte[] LATIN1 = "caf\u00e9".getBytes(StandardCharsets.ISO_8859_1);

  @Test
  void ofBytes_notUtf8_keepsTheBytes() {
    OsString string = OsString.ofBytes(LATIN1);

    assertThat(string.toBytes()).isEqualTo(LATIN1);
    assertThat(string.toUtf8()).isEmpty();
    assertThat(string).hasToString("caf\\xe9");
  }

  @Test
  void ofBytes_changedLater_isNotChanged() {
    byte[] bytes = {'a', 'b'};
    OsString string = OsString.ofBytes(bytes);
    bytes[0] = 'x';
    string.toBytes()[1] = 'y';

    assertThat(string).isEqualTo(OsString.of("ab"));
  }

  @Test
  void of_nul_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> OsString.of("ab\0c"))
        .withMessage("contains a NUL byte at offset 2: the kernel ends a string there");
  }

  @Test
  void toString_controlCharacters_showsThemInHexadecimal() {
    assertThat(OsString.of("a\nb\u001b")).hasToString("a\\x0ab\\x1b");
    assertThat(OsString.of("caf\u00e9")).hasToString("caf\u00e9");
  }

  @Test
  void split_block_givesEveryStringEmptyOnesToo() {
    byte[] block = "A=1\0\0B=\0last".getBytes(StandardCharsets.UTF_8);

    assertThat(OsString.split(block))
        .isEqualTo(
            List.of(OsString.of("A=1"), OsString.of(""), OsString.of("B="), OsString.of("last")));
    assertThat(OsString.split(new byte[0])).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"/bin/sh, sh", "sh, sh", "/bin/, ''", "'', ''", "/, ''"})
  void baseName_text_isWhatFollowsTheLastSlash(String text, String base) {
    assertThat(OsString.of(text).baseName()).isEqualTo(OsString.of(base));
  }

  @Test
  void compareTo_highBytes_areGreaterThanAscii() {
    assertThat(OsString.ofBytes(LATIN1)).isGreaterThan(OsString.of("cafz"));
  }

  @Test
  void indexOf_sliceAndPlus_workOnBytes() {
    OsString entry = OsString.of("A=b=c");

    assertThat(entry.indexOf('=')).isEqualTo(1);
    assertThat(entry.indexOf('x')).isEqualTo(-1);
    assertThat(entry.slice(0, 1).plus(entry.slice(1, 5))).isEqualTo(entry);
  }
}
