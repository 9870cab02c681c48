// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ImageNameTest {
  @ParameterizedTest
  @ValueSource(strings = {"sl5", "SL54", "5", "a.b", "a_b-c.d", "debian-12", "x..", "A-"})
  void new_nameOfTheGrammar_isAccepted(String text) {
    assertThat(new ImageName(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        ".sl5",
        "-sl5",
        "_sl5",
        "sl 5",
        "sl/5",
        "/sl5",
        "sl5\n",
        "\nsl5",
        "sl:5",
        "s\u00e95",
        "sl5$",
        "sl*",
        "sl\u0665",
        "sl5\0"
      })
  void new_otherText_isRefused(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ImageName(text))
        .withMessage(
            "\""
                + text
                + "\" is not an image name: letters, digits, \".\", \"_\" and \"-\" are allowed,"
                + " and it begins with a letter or digit");
  }
}
