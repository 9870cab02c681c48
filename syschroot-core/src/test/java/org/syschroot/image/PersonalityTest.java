// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class PersonalityTest {
  /** The values that the options of setarch(8) stand for, linux/personality.h. */
  @ParameterizedTest
  @CsvSource({
    "linux, 0x0",
    "linux64, 0x0",
    "linux32, 0x8",
    "svr4, 0x4100001",
    "svr3, 0x5000002",
    "scosvr3, 0x7000003",
    "osr5, 0x6000003",
    "wysev386, 0x5000004",
    "iscr4, 0x4000005",
    "bsd, 0x6",
    "sunos, 0x4000006",
    "xenix, 0x5000007",
    "irix32, 0x4000009",
    "irixn32, 0x400000a",
    "irix64, 0x400000b",
    "riscos, 0xc",
    "solaris, 0x400000d",
    "uw7, 0x410000e",
    "osf4, 0xf",
    "hpux, 0x10",
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
    "4gb, 0x0",
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
        .withMessage("\"linux32\" and \"linux\" are both domains: choose one");
  }

  @Test
  void of_unknownName_saysWhatIsAllowed() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Personality.of(List.of("windows")))
        .withMessage(
            "\"windows\" is not a personality: allowed are the domains linux, linux64, linux32,"
                + " svr4, svr3, scosvr3, osr5, wysev386, iscr4, sunos, bsd, xenix, irix32, irixn32,"
                + " irix64, riscos, solaris, uw7, osf4, hpux and the flags uname26,"
                + " addr-no-randomize, fdpic-funcptrs, mmap-page-zero, addr-compat-layout,"
                + " read-implies-exec, 32bit, short-inode, whole-seconds, sticky-timeouts, 3gb, 4gb");
  }

  @Test
  void of_limitsOrArchitectures_areRefusedWithAdvice() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Personality.of(List.of("linux32", "4gb", "3gb")))
        .withMessage(
            "\"3gb\" and \"4gb\" exclude each other: choose one limit of the address space");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Personality.of(List.of("i686")))
        .withMessage("\"i686\" is not a personality: use \"linux32\"");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Personality.of(List.of("uname-2.6")))
        .withMessage("\"uname-2.6\" is not a personality: use \"uname26\"");
  }

  /** Every domain and flag, any combination: what is printed is what was read. */
  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#hundred")
  void names_anyBits_areReadBackAsTheSame(SplittableRandom random) {
    long bits = random.nextInt(0x11) | (random.nextLong(0x800) << 17);
    List<String> names = new Personality(bits).names();
    if (names.stream().noneMatch(name -> name.startsWith("0x"))) {
      assertThat(Personality.of(names).bits()).isEqualTo(bits);
    } else {
      // A foreign domain without the flags that belong to it has no name.
      assertThat(bits & 0xff).isIn(1L, 2L, 3L, 4L, 5L, 7L, 9L, 10L, 11L, 13L, 14L);
    }
  }

  @Test
  void has_flags_areThoseOfTheBits() {
    Personality old = Personality.of(List.of("linux32", "uname26"));
    assertThat(old.has("uname26")).isTrue();
    assertThat(old.has("3gb")).isFalse();
    assertThat(old.isLinux32()).isTrue();
    assertThat(Personality.of(List.of("uname26")).isLinux32()).isFalse();
    assertThatIllegalArgumentException().isThrownBy(() -> old.has("linux32"));
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
        .withMessage("0 is not a valid limit: it must be positive");
  }
}
