// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.schroot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyFileTest {
  private static final Path FILE = Path.of("/etc/schroot/schroot.conf");

  private static KeyFile parse(String text) throws KeyFileException {
    return KeyFile.parse(FILE, text.lines().toList());
  }

  @Test
  void parse_groupsAndKeys_keepsOrderAndLines() throws Exception {
    KeyFile file =
        parse("# a comment\n\n[sid]\ntype=plain\ndirectory=/srv/sid\n[etch]\nusers=jim\n");
    assertThat(file.groups()).extracting(KeyFile.Group::name).containsExactly("sid", "etch");
    assertThat(file.groups()).extracting(KeyFile.Group::line).containsExactly(3, 6);
    assertThat(file.groups().get(0).entries().keySet()).containsExactly("type", "directory");
    assertThat(file.groups().get(0).entry("directory")).contains(new KeyFile.Entry("/srv/sid", 5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "description=a # b;description;a # b",
        "description= a;description; a",
        "description=a=b;description;a=b",
        "description=a ;description;a ",
        "description =a;description ;a",
        "description[fr]=a;description[fr];a"
      })
  void parse_value_isEverythingBehindTheFirstEquals(String line, String key, String value)
      throws Exception {
    assertThat(parse("[sid]\n" + line).groups().get(0).entry(key))
        .contains(new KeyFile.Entry(value, 2));
  }

  @Test
  void value_empty_isAsIfItWereNotThere() throws Exception {
    assertThat(parse("[sid]\nusers=\n").groups().get(0).value("users")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"[sid];sid", "[sid] # old;sid", "[sid]x;sid", "[a b];a b", "[sid] # [x];sid"})
  void parse_group_endsAtTheLastBracket(String line, String name) throws Exception {
    assertThat(parse(line).groups()).extracting(KeyFile.Group::name).containsExactly(name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "x=y;1;a key before the first [NAME]",
        "[];1;\"[]\" is not [NAME]",
        "[sid;1;\"[sid\" is not [NAME]",
        "[sid # ];1;\"[sid # ]\" is not [NAME]",
        "[sid]|nonsense;2;\"nonsense\" is neither KEY=VALUE nor [NAME] nor a comment",
        "[sid]|=x;2;\"=x\" is neither KEY=VALUE nor [NAME] nor a comment",
        "[sid]|a=1|a=2;3;a second a in [sid]: remove one",
        "[sid]|a=1|[sid];3;a second [sid]: rename one of them"
      })
  void parse_wrong_isRefusedWithItsLine(String lines, int line, String message) {
    assertThatThrownBy(() -> parse(lines.replace('|', '\n')))
        .isInstanceOf(KeyFileException.class)
        .hasMessage(FILE + ":" + line + ": " + message + "; schroot also refuses it");
  }
}
