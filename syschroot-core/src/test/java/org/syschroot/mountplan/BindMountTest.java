// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mountplan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.testing.OddStrings;

final class BindMountTest {
  private static BindMount parse(String text) {
    return BindMount.parse(OsString.of(text));
  }

  @ParameterizedTest
  @CsvSource({
    "/home, /home, /home, '[]', SLAVE",
    "/home/, /home, /home, '[]', SLAVE",
    "/data:/srv, /data, /srv, '[]', SLAVE",
    "/data:, /data, /data, '[]', SLAVE",
    "/data::ro, /data, /data, '[ro]', SLAVE",
    "'/net:/net:optional,private', /net, /net, '[optional]', PRIVATE",
    "'/a:/b:noexec,shared,norbind,nosuid', /a, /b, '[norbind, nosuid, noexec]', SHARED",
    "'/f:/f:file,nodev,slave', /f, /f, '[file, nodev]', SLAVE",
    "'/a\\:b:/c\\\\d', /a:b, /c\\d, '[]', SLAVE",
    "'/a\\b', /a\\b, /a\\b, '[]', SLAVE",
  })
  void parse_text_givesFieldsAndOptions(
      String text, String source, String target, String options, Propagation propagation) {
    BindMount mount = parse(text);

    assertThat(mount.source()).hasToString(source);
    assertThat(mount.target()).hasToString(target);
    assertThat(mount.options()).hasToString(options);
    assertThat(mount.propagation()).isEqualTo(propagation);
  }

  @ParameterizedTest
  @CsvSource({
    "/home, /home",
    "/home:/home, /home",
    "/home::slave, /home",
    "/data::ro, /data:/data:ro",
    "'/a:/b:shared,noexec,ro', '/a:/b:ro,noexec,shared'",
    "/a\\:b, /a\\:b",
  })
  void toString_mount_isTheShortestForm(String text, String shortest) {
    assertThat(parse(text)).hasToString(shortest);
  }

  @Test
  void toString_bytesThatAreNotUtf8_showsThem() {
    OsString odd = OsString.ofBytes(new byte[] {'/', 'c', (byte) 0xe9});

    assertThat(BindMount.of(HostPath.of(odd))).hasToString("/c\\xe9");
    assertThat(BindMount.of(HostPath.of(odd)).text()).isEqualTo(odd);
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#hundred")
  void parse_printedMount_isTheSame(SplittableRandom random) {
    Set<MountOption> options = EnumSet.noneOf(MountOption.class);
    for (MountOption option : MountOption.values()) {
      if (random.nextInt(4) == 0) {
        options.add(option);
      }
    }
    HostPath source = OddStrings.path(random, 4);
    boolean same = random.nextBoolean();
    BindMount mount =
        new BindMount(
            source,
            ImagePath.of((same ? source : OddStrings.path(random, 4)).value()),
            options,
            Propagation.values()[random.nextInt(3)]);

    assertThat(BindMount.parse(mount.text())).isEqualTo(mount);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "home | \"home\" is not absolute: it must begin with /",
        "'' | \"\" is not absolute: it must begin with /",
        "/a:b | \"b\" is not absolute: it must begin with /",
        "/a/../b | \"/a/../b\" contains \"..\": write the path out",
        "/a:/b:ro:x | \"/a:/b:ro:x\" has too many fields: allowed is"
            + " SOURCE[:TARGET[:OPTION,...]]",
      })
  void parse_badText_isRefused(String text, String message) {
    assertThatIllegalArgumentException().isThrownBy(() -> parse(text)).withMessage(message);
  }

  @ParameterizedTest
  @CsvSource({"/a:/b:, ''", "'/a:/b:ro,', ''", "/a:/b:rw, rw", "/a:/b:RO, RO", "/a:/b: ro, ' ro'"})
  void parse_unknownOption_saysWhatIsAllowed(String text, String word) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse(text))
        .withMessage(
            "\""
                + word
                + "\" is not a mount option: allowed are ro, optional, norbind, private, slave,"
                + " shared, file, nosuid, nodev, noexec");
  }
}
