// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DigestTest {
  @Test
  void ofNothing_isThatOfEmptyText() {
    assertThat(Digest.OF_NOTHING).isEqualTo(Digest.of(""));
  }
}
