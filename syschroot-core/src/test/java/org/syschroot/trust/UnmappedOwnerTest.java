// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.trust;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnmappedOwnerTest {
  @Test
  void of_hostsOwnNamespace_hasNone() {
    assertThat(UnmappedOwner.of("         0          0 4294967295\n", "65534\n")).isEmpty();
  }

  @Test
  void of_namespaceOfOneUser_isTheOverflowUser() {
    assertThat(UnmappedOwner.of("         0       1000          1\n", "65534\n")).hasValue(65534);
  }
}
