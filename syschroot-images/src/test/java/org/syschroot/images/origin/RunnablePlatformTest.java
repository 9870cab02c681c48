// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.syschroot.images.CreateException;
import org.syschroot.images.oci.Platform;
import org.syschroot.personality.emulation.BinfmtHandler;

/** {@link RunnablePlatform} on hosts with and without an emulator. */
class RunnablePlatformTest {
  private static final Platform HOST = new Platform("amd64", "");
  private static final Platform FOREIGN = new Platform("arm64", "");

  private static BinfmtHandler handler(boolean fixed) {
    return new BinfmtHandler(
        "qemu-aarch64",
        "/usr/bin/qemu-aarch64-static",
        fixed,
        0,
        "7f454c460201010000000000000000000200b700",
        "ffffffffffffff00fffffffffffffffffeffffff");
  }

  @Test
  void check_ownArchitecture_saysNothing() throws Exception {
    assertThat(RunnablePlatform.check(HOST, HOST, List.of())).isEmpty();
    assertThat(RunnablePlatform.check(new Platform("386", ""), HOST, List.of())).isEmpty();
    assertThat(RunnablePlatform.check(new Platform("", ""), HOST, List.of())).isEmpty();
  }

  @Test
  void check_foreignWithHandler_saysSo() throws Exception {
    assertThat(RunnablePlatform.check(FOREIGN, HOST, List.of(handler(true))))
        .contains("programs for arm64 run in an emulator, /usr/bin/qemu-aarch64-static");
    assertThat(RunnablePlatform.check(FOREIGN, HOST, List.of(handler(false))).orElseThrow())
        .contains("must exist in the image");
  }

  @Test
  void check_foreignWithoutHandler_namesThePackage() {
    assertThatThrownBy(() -> RunnablePlatform.check(FOREIGN, HOST, List.of()))
        .isInstanceOf(CreateException.class)
        .hasMessageContaining("do not run on this host")
        .hasMessageContaining("hint: apt-get install qemu-user-static");
  }
}
