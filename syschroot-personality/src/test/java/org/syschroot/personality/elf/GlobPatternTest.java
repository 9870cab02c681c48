// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobPatternTest {
  @ParameterizedTest
  @CsvSource({
    "*.conf, a.conf, true",
    "*.conf, .conf, false",
    ".*, .a, true",
    "a?c, abc, true",
    "a?c, ac, false",
    "[a-c]x, bx, true",
    "[!a-c]x, bx, false",
    "[]a]x, ]x, true",
    "[a, [a, true",
    "\\*, *, true",
    "\\*, a, false",
    "*a*b, xaxab, true",
    "*, abc, true",
    "a*, b, false",
    "[a-], -, true",
    "[!], [!], true",
    "*[, [, true"
  })
  void matches_pattern_followsGlob7(String pattern, String name, boolean expected) {
    assertThat(new GlobPattern(pattern).matches(name)).isEqualTo(expected);
  }

  @Test
  void matches_manyStars_ends() {
    String pattern = "*a".repeat(1000) + "b";
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(5),
        () -> assertThat(new GlobPattern(pattern).matches("a".repeat(4000))).isFalse());
  }
}
