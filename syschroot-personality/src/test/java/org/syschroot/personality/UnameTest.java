// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.image.Personality;

final class UnameTest {
  private static final Uname SL5_HOST =
      new Uname("Linux", "node7", "6.1.0-18-amd64", "#1 SMP Debian 6.1.76-1", "x86_64");

  private static Personality of(String... names) {
    return Personality.of(List.of(names));
  }

  /** The kernel's override_release: 3.x counts from 40, later ones from 60 by the second number. */
  @ParameterizedTest
  @CsvSource({
    "6.1.0-18-amd64, 2.6.61-18-amd64",
    "6.18.44-fc-v669, 2.6.78-fc-v669",
    "5.14.0-427.el9.x86_64, 2.6.74-427.el9.x86_64",
    "4.18.0, 2.6.78",
    "3.10.0-1160.el7.x86_64, 2.6.50-1160.el7.x86_64",
    "3.0.101, 2.6.40",
    "6.1.2.3, 2.6.61.3",
    "6.12-rc1, 2.6.72-rc1",
    "2.6.32-754.el6, 2.6.32-754.el6",
    "mainline, mainline",
    "6, 6",
  })
  void under_uname26_isTheKernelsMapping(String release, String shown) {
    Uname uname = new Uname("Linux", "n", release, "#1", "x86_64");
    assertThat(uname.under(of("uname26")).release()).isEqualTo(shown);
    assertThat(uname.under(of("linux32")).release()).isEqualTo(release);
  }

  @ParameterizedTest
  @CsvSource({
    "x86_64, i686",
    "aarch64, armv8l",
    "ppc64le, ppcle",
    "s390x, s390",
    "i686, i686",
    "loongarch64, loongarch64"
  })
  void under_linux32_isTheMachineOf32Bits(String machine, String shown) {
    Uname uname = new Uname("Linux", "n", "6.1", "#1", machine);
    assertThat(uname.under(of("linux32", "3gb")).machine()).isEqualTo(shown);
    assertThat(uname.under(of("linux", "3gb")).machine()).isEqualTo(machine);
  }

  @Test
  void all_dialects_differInProcessorAndPlatform() {
    Uname narrow = SL5_HOST.under(of("linux32"));
    assertThat(narrow.all(UnameDialect.GNU))
        .isEqualTo("Linux node7 6.1.0-18-amd64 #1 SMP Debian 6.1.76-1 i686 GNU/Linux");
    assertThat(narrow.all(UnameDialect.RED_HAT))
        .isEqualTo("Linux node7 6.1.0-18-amd64 #1 SMP Debian 6.1.76-1 i686 i686 i386 GNU/Linux");
    assertThat(SL5_HOST.all(UnameDialect.RED_HAT)).endsWith(" x86_64 x86_64 x86_64 GNU/Linux");
    assertThat(narrow.processor(UnameDialect.GNU)).isEqualTo("unknown");
    assertThat(narrow.hardwarePlatform(UnameDialect.GNU)).isEqualTo("unknown");
  }
}
