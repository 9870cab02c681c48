// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.schroot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvironmentFilterTest {
  @ParameterizedTest
  @CsvSource({
    "^(A|B_2)$,A B_2,",
    "^(A|LD_.*|B)$,A B,LD_.*",
    "^HOME$,HOME,",
    "^LD_.*$,,^LD_.*$",
    "A|B,,A|B",
    "^(A|(B))$,,^(A|(B))$",
    "^A|B$,,^A|B$",
    "'',,",
    "^$,,"
  })
  void parse_expression_namesWhatCanBeNamed(String expression, String names, String patterns) {
    EnvironmentFilter filter = EnvironmentFilter.parse(expression);
    assertThat(filter.names()).isEqualTo(words(names));
    assertThat(filter.patterns()).isEqualTo(words(patterns));
  }

  private static List<String> words(String text) {
    return text == null ? List.of() : List.of(text.split(" "));
  }
}
