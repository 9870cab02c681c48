// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KernelVersionTest {
  @ParameterizedTest
  @CsvSource({
    "6.18.44-fc-v769, 6.18.44",
    "6.1-rc3, 6.1.0",
    "3.2.0, 3.2.0",
    "6, 6.0.0",
    "5.10+, 5.10.0",
    "4.19.0.1, 4.19.0",
    "2.6.32-754.el6.x86_64, 2.6.32",
    "5..1, 5.0.0"
  })
  void parse_release_takesLeadingNumbers(String release, String expected) {
    assertThat(KernelVersion.parse(release).orElseThrow()).hasToString(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "linux", "-1", ".5", "1234567890", "6.1234567890", "6.1.12345678901"})
  void parse_noVersion_isEmpty(String release) {
    assertThat(KernelVersion.parse(release)).isEmpty();
  }

  @Test
  void compareTo_versions_ordersByNumber() {
    KernelVersion older = new KernelVersion(5, 9, 100);
    assertThat(older).isLessThan(new KernelVersion(5, 10, 0));
    assertThat(new KernelVersion(6, 0, 0)).isGreaterThan(older);
    assertThat(older).isEqualByComparingTo(new KernelVersion(5, 9, 100));
  }

  @Test
  void constructor_negative_isRefused() {
    assertThatThrownBy(() -> new KernelVersion(1, -1, 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
