// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.path.OsString;

class EscapedTest {
  @ParameterizedTest
  @CsvSource({
    "7, \\x07",
    "10, \\x0a",
    "13, \\x0d",
    "27, \\x1b",
    "127, \\x7f",
    "133, \\xc2\\x85",
    "155, \\xc2\\x9b",
    "173, \\xc2\\xad",
    "8206, \\xe2\\x80\\x8e",
    "8232, \\xe2\\x80\\xa8",
    "8238, \\xe2\\x80\\xae",
    "8294, \\xe2\\x81\\xa6",
    "8297, \\xe2\\x81\\xa9",
    "65279, \\xef\\xbb\\xbf",
    "917505, \\xf3\\xa0\\x80\\x81"
  })
  void line_whatATerminalOrReaderObeys_isShownAsBytes(int codePoint, String shown) {
    String text = "ä" + Character.toString(codePoint) + "b";
    assertThat(Escaped.line(text)).isEqualTo("ä" + shown + "b");
    assertThat(OsString.of(text)).hasToString("ä" + shown + "b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "plain", "Zürich", "日本語", "می\u200cخواهم", "😀 a\\x1b", "a\u00a0b"})
  void line_letters_stay(String text) {
    assertThat(Escaped.line(text)).isEqualTo(text);
    assertThat(Escaped.unicode(text)).isEqualTo(text);
    assertThat(OsString.of(text)).hasToString(text);
  }

  @Test
  void toString_bytesThatAreNotUtf8_areShownBesideLetters() {
    byte[] bytes = "ü\u00e9/\u009b日".getBytes(StandardCharsets.UTF_8);
    bytes[2] = (byte) 0xe9; // instead of c3, so that two bytes are not valid
    assertThat(OsString.ofBytes(bytes)).hasToString("ü\\xe9\\xa9/\\xc2\\x9b日");
    assertThat(OsString.ofBytes(new byte[] {'a', (byte) 0xe6, (byte) 0x97}))
        .hasToString("a\\xe6\\x97");
  }

  @Test
  void lines_newlinesAndTabs_stay() {
    assertThat(Escaped.lines("a\tb\nc\u001b[0m\r\n")).isEqualTo("a\tb\nc\\x1b[0m\\x0d\n");
  }

  @Test
  void unicode_controls_areEscapesOfJson() {
    assertThat(Escaped.unicode("\"\u009b\u202e\u007f\"\n" + Character.toString(0xe0001)))
        .isEqualTo("\"\\u009b\\u202e\\u007f\"\n\\udb40\\udc01");
  }
}
