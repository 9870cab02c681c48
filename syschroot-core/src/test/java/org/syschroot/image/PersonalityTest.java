// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PersonalityTest {
  /** The values that the options of setarch(8) stand for, linux/personality.h. */
  @ParameterizedTest
  @CsvSource({
    "linux, 0x0",
    "linux32, 0x8",
    "uname26, 0x20000",
    "addr-no-randomize, 0x40000",
    "fdpic-funcptrs, 0x80000",
    "mmap-page-zero, 0x100000",
    "addr-compat-layout, 0x200000",
    "read-implies-exec, 0x400000",
    "32bit, 0x800000",
    "short-inode, 0x1000000",
    "whole-seconds, 0x2000000",
    "sticky-timeouts, 0x4000000",
    "3gb, 0x8000000",
    "linux32 uname26, 0x20008",
    "uname26 linux32, 0x20008",
    "linux32 3gb addr-no-randomize, 0x8040008",
    "linux32 linux32, 0x8",
  })
  void of_names_haveTheBitsOfTheKernel(String names, String bits) {
    assertThat(Personality.of(Arrays.asList(names.split(" "))).bits()).isEqualTo(Long.decode(bits));
  }

  @Test
  void of_twoDomains_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Personality.of(List.of("linux32", "uname26", "linux")))
        .withMessage("\"linux32\" and \"linux\" are both domains: name one");
  }

  @Test
  void of_unknownName_saysWhatIsAllowed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Personality.of(List.of("linux64")))
        .withMessage(
            "\"linux64\" is not a personality: allowed are linux, linux32, uname26,"
                + " addr-no-randomize, fdpic-funcptrs, mmap-page-zero, addr-compat-layout,"
                + " read-implies-exec, 32bit, short-inode, whole-seconds, sticky-timeouts, 3gb");
  }

  @Test
  void toString_namesAndUnknownBits_showsAll() {
    assertThat(Personality.of(List.of("uname26", "linux32"))).hasToString("linux32 uname26");
    assertThat(new Personality(0)).hasToString("linux");
    assertThat(new Personality(0x10000003L)).hasToString("0x10000003");
  }

  @Test
  void openFiles_notPositive_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Image.builder(new ImageName("a"), org.syschroot.path.HostPath.of("/a"))
                    .openFiles(0))
        .withMessage("0 is not a limit: it must be positive");
  }
}
