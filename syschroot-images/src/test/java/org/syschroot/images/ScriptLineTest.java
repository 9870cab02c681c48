// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptLineTest {
  @ParameterizedTest
  @CsvSource({
    "'#!/bin/sh\necho', /bin/sh, ''",
    "'#! \t/bin/sh \t-e  -u \t\nx', /bin/sh, '-e  -u'",
    "'#!/usr/bin/perl', /usr/bin/perl, ''",
  })
  void parse_line_isInterpreterAndOneArgument(String head, String interpreter, String argument) {
    assertThat(ScriptLine.parse(head)).contains(new ScriptLine(interpreter, argument));
  }

  @ParameterizedTest
  @CsvSource({"''", "'#!'", "'#! \n/bin/sh'", "'echo'", "' #!/bin/sh'"})
  void parse_none_isEmpty(String head) {
    assertThat(ScriptLine.parse(head)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "perl, perl",
    "-S perl -w, perl",
    "-Sperl -w, perl",
    "-vS A=b C=d python3 -E, python3",
    "--split-string=perl -w, perl",
    "-S -u HOME -i perl, perl",
  })
  void programOfEnv_argument_isTheProgram(String argument, String program) {
    assertThat(new ScriptLine("/usr/bin/env", argument).programOfEnv()).contains(program);
  }

  @Test
  void programOfEnv_noProgram_isEmpty() {
    assertThat(new ScriptLine("/usr/bin/env", "").programOfEnv()).isEmpty();
    assertThat(new ScriptLine("/usr/bin/env", "-S").programOfEnv()).isEmpty();
    assertThat(new ScriptLine("/bin/sh", "perl").programOfEnv()).isEmpty();
  }
}
