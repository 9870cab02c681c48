// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.path.HostPath;
import org.syschroot.plan.SwitchRequest;

class UserOptionTest {
  private static SwitchRequest apply(String value) throws Exception {
    Image image = Image.builder(new ImageName("x"), HostPath.of("/sysroot/x")).build();
    return new UserOption(value, false).applyTo(SwitchRequest.in(image));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "4294967295:0",
        "4294967296:0",
        "-1:0",
        "-0:0",
        "+0:0",
        "99999999999999999999:0",
        "0:4294967295",
        "0:-1",
        "0:4294967296"
      })
  void applyTo_numberThatIsNoUser_isRefused(String value) {
    assertThatThrownBy(() -> apply(value))
        .hasMessageEndingWith("must be a name, or a number from 0 to 4294967294");
  }

  @ParameterizedTest
  @ValueSource(strings = {"4294967294:4294967294", "0", "65534:0"})
  void applyTo_numberOfAUser_isAccepted(String value) throws Exception {
    assertThat(apply(value)).isNotNull();
  }
}
