// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.path.HostPath;
import org.syschroot.plan.Identity;
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
        "++0:0",
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
  @CsvSource({
    "+1:+2, 1, 2, 2", // numbers, whatever names there are
    "0:, 0, 0, 0", // the user's own group
    ":7, 0, 7, 7", // the caller
    "4294967293:8, -3, 8, 8",
  })
  void applyTo_formOfChroot_isUnderstood(String value, int uid, int gid, int group)
      throws Exception {
    Identity identity = apply(value).identity().orElseThrow();
    assertThat(identity.uid()).isEqualTo(uid);
    assertThat(identity.gid()).isEqualTo(gid);
    assertThat(identity.groups()).contains(group);
  }

  @Test
  void applyTo_colonAlone_isRefused() {
    assertThatThrownBy(() -> apply(":")).isInstanceOf(UsageException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"4294967294:4294967294", "0", "65534:0"})
  void applyTo_numberOfAUser_isAccepted(String value) throws Exception {
    assertThat(apply(value)).isNotNull();
  }
}
