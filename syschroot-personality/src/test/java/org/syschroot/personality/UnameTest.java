// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.image.Personality;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.path.HostPath;

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

  /** What is in the image's files, and the dialect; LINK leads to a file outside of the image. */
  @ParameterizedTest
  @CsvSource({
    "redhat-release, Scientific Linux SL release 5.4 (Boron), RED_HAT",
    "os-release, ID=debian, GNU",
    "os-release, ID=ubuntu, RED_HAT",
    "os-release, 'ID=\"almalinux\"|ID_LIKE=\"rhel centos fedora\"', RED_HAT",
    "os-release, NAME=not ubuntu, GNU",
    "os-release, LINK, GNU",
    "issue, Debian, GNU",
  })
  void dialectOf_imagesFiles_isThatOfTheDistribution(
      String file, String content, UnameDialect dialect, @TempDir Path folder) throws IOException {
    Path image = Files.createDirectory(folder.toRealPath().resolve("image"));
    Path etc = Files.createDirectory(image.resolve("etc"));
    Path outside = Files.writeString(folder.toRealPath().resolve("outside"), "ID=ubuntu\n");
    if (content.equals("LINK")) {
      Files.createSymbolicLink(etc.resolve(file), outside);
    } else {
      Files.writeString(etc.resolve(file), content.replace('|', '\n') + "\n");
    }
    Image settings = Image.builder(new ImageName("x"), HostPath.of(image.toString())).build();
    assertThat(UnameDialect.of(LinuxKernel.running(), settings)).isEqualTo(dialect);
  }
}
