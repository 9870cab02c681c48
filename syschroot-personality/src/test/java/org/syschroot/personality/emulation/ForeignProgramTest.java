// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.emulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link ForeignProgram} with the handlers that Debian's qemu-user-static registers. */
class ForeignProgramTest {
  private static final String MASK = "ffffffffffffff00fffffffffffffffffeffffff";
  private static final String TEXT =
      """
      enabled
      interpreter /usr/libexec/qemu-binfmt/%1$s
      flags: POCF
      offset 0
      magic %2$s
      mask %3$s
      """;

  private static BinfmtHandler handler(String name, String magic, String mask) {
    return BinfmtHandler.parse(name, String.format(TEXT, name, magic, mask)).orElseThrow();
  }

  private static final List<BinfmtHandler> HANDLERS =
      List.of(
          handler("qemu-aarch64", "7f454c460201010000000000000000000200b700", MASK),
          handler("qemu-arm", "7f454c4601010100000000000000000002002800", MASK),
          handler(
              "qemu-s390x",
              "7f454c4602020100000000000000000000020016",
              "ffffffffffffff00fffffffffffffffffffeffff"),
          handler("qemu-riscv64", "7f454c460201010000000000000000000200f300", MASK));

  @ParameterizedTest
  @CsvSource({"arm64, qemu-aarch64", "arm, qemu-arm", "s390x, qemu-s390x", "riscv64, qemu-riscv64"})
  void handler_ofDebian_isFound(String architecture, String name) {
    assertThat(new ForeignProgram(architecture).handler(HANDLERS).orElseThrow().name())
        .isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({"ppc64le", "amd64", "386", "none"})
  void handler_missing_isNone(String architecture) {
    assertThat(new ForeignProgram(architecture).handler(HANDLERS)).isEmpty();
  }

  @Test
  void isNative_narrowOnWide_isNative() {
    assertThat(new ForeignProgram("386").isNative("amd64")).isTrue();
    assertThat(new ForeignProgram("arm").isNative("arm64")).isTrue();
    assertThat(new ForeignProgram("amd64").isNative("386")).isFalse();
    assertThat(new ForeignProgram("riscv64").isNative("riscv64")).isTrue();
  }
}
