// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.testing.OddStrings;

final class AbsolutePathTest {
  @ParameterizedTest
  @CsvSource({
    "/, /",
    "//, /",
    "/., /",
    "/./, /",
    "/home, /home",
    "/home/, /home",
    "//home///alice//, /home/alice",
    "/./home/./alice/., /home/alice",
    "/.../..a/a.., /.../..a/a..",
    "'/a b', '/a b'",
  })
  void of_text_hasOneNormalForm(String text, String normal) {
    assertThat(HostPath.of(text)).hasToString(normal);
    assertThat(ImagePath.of(text)).hasToString(normal);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "home", "./home", "~", "-"})
  void of_relative_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HostPath.of(text))
        .withMessage("\"" + text + "\" is not absolute: it must begin with /");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/..", "/a/..", "/a/../b", "/../a"})
  void of_dotDot_isRefusedNotRemoved(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImagePath.of(text))
        .withMessage("\"" + text + "\" contains \"..\": write the path out");
  }

  @Test
  void of_nul_isRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> HostPath.of("/a\0b"));
  }

  @Test
  void of_bytesThatAreNotUtf8_keepsThem() {
    OsString latin1 = OsString.ofBytes(new byte[] {'/', 'c', (byte) 0xe9, '/', (byte) 0xff});

    assertThat(HostPath.of(latin1).value()).isEqualTo(latin1);
    assertThat(HostPath.of(latin1)).hasToString("/c\\xe9/\\xff");
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#hundred")
  void of_valueOfAPath_isThatPath(SplittableRandom random) {
    HostPath path = OddStrings.path(random, 6);

    assertThat(HostPath.of(path.value())).isEqualTo(path).hasSameHashCodeAs(path);
    HostPath rebuilt = HostPath.ROOT;
    for (OsString name : path.names()) {
      rebuilt = rebuilt.resolve(name);
    }
    assertThat(rebuilt).isEqualTo(path);
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#hundred")
  void relativeTo_pathBeneath_resolvesBack(SplittableRandom random) {
    HostPath above = OddStrings.path(random, 3);
    HostPath below = above.resolve(OddStrings.path(random, 3).value());

    assertThat(below.startsWith(above)).isTrue();
    assertThat(above.resolve(below.relativeTo(above))).isEqualTo(below);
  }

  @ParameterizedTest
  @CsvSource({
    "/data, /data, true",
    "/data/x, /data, true",
    "/data2, /data, false",
    "/data, /data/x, false",
    "/data, /, true",
    "/, /, true",
    "/, /data, false",
  })
  void startsWith_ancestor_comparesComponents(String path, String ancestor, boolean expected) {
    assertThat(HostPath.of(path).startsWith(HostPath.of(ancestor))).isEqualTo(expected);
  }

  @Test
  void relativeTo_pathElsewhere_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HostPath.of("/data2").relativeTo(HostPath.of("/data")))
        .withMessage("/data2 is not beneath /data");
  }

  @Test
  void names_path_areItsComponents() {
    assertThat(HostPath.of("/a/b").names()).isEqualTo(List.of(OsString.of("a"), OsString.of("b")));
    assertThat(HostPath.ROOT.names()).isEmpty();
    assertThat(HostPath.ROOT.isRoot()).isTrue();
  }

  @Test
  void equals_otherKindOfPath_isFalse() {
    assertThat((Object) HostPath.of("/a")).isNotEqualTo(ImagePath.of("/a"));
  }

  @Test
  void under_imageRoot_isThePathOnTheHost() {
    HostPath root = HostPath.of("/sysroot/x");

    assertThat(ImagePath.of("/home").under(root)).isEqualTo(HostPath.of("/sysroot/x/home"));
    assertThat(ImagePath.ROOT.under(root)).isEqualTo(root);
  }

  @ParameterizedTest
  @MethodSource("org.syschroot.testing.Seeds#hundred")
  void toPath_oddBytes_comeBack(SplittableRandom random) {
    HostPath path = OddStrings.path(random, 5);
    assertThat(HostPath.of(path.toPath())).isEqualTo(path);
  }
}
