// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.syschroot.image.Image;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Accounts;
import org.syschroot.path.HostPath;
import org.syschroot.plan.Identity;
import org.syschroot.plan.SwitchException;

/** Who may use an image. The accounts are those that every Debian has: daemon 1, bin 2, sys 3. */
class AccessListTest {
  private static AccessList list(List<String> users, List<String> groups) {
    Image image =
        Image.builder(new ImageName("sl5"), HostPath.of("/sysroot/SL54"))
            .users(users)
            .groups(groups)
            .build();
    return new AccessList(image, Accounts::ofHost);
  }

  @ParameterizedTest
  @CsvSource({
    // uid, gid, further group, allowed
    "0, 0, 0, true", // root
    "1, 1, 1, true", // daemon, who is listed
    "2, 2, 2, false", // bin, who is not
    "2, 3, 2, true", // whose group sys is listed
    "2, 2, 3, true", // who is in the group sys besides
    "4711, 4711, 4711, false", // nobody's number
    "4711, 3, 3, true", // nobody's number, in the group
    "-2, -2, -2, false"
  })
  void allows_userAndGroupListed_isWhoHasOneOfTheNumbers(
      int uid, int gid, int further, boolean allowed) {
    AccessList list = list(List.of("daemon"), List.of("sys"));
    assertThat(list.allows(new Identity(uid, gid, List.of(further)))).isEqualTo(allowed);
  }

  @Test
  void allows_nobodyListed_isEverybody() {
    AccessList list = list(List.of(), List.of());
    assertThat(list.isForEveryone()).isTrue();
    assertThat(list.allows(new Identity(4711, 4711, List.of()))).isTrue();
  }

  @Test
  void allows_accountThatTheHostDoesNotHave_isNobody() {
    AccessList list = list(List.of("no-such-user"), List.of("no-such-group"));
    assertThat(list.isForEveryone()).isFalse();
    assertThat(list.allows(new Identity(1, 1, List.of()))).isFalse();
  }

  @Test
  void require_userWhoIsNotListed_throwsWithTheNameAndTheList() {
    AccessList list = list(List.of("daemon"), List.of("sys"));
    SwitchException refused =
        catchThrowableOfType(
            SwitchException.class, () -> list.require(new Identity(2, 2, List.of())));
    assertThat(refused.kind()).isEqualTo(SwitchException.Kind.NOT_ALLOWED);
    assertThat(refused.kind().exitStatus()).isEqualTo(125);
    assertThat(refused)
        .hasMessageStartingWith(
            "sl5: user bin is not allowed to use this image; allowed: user daemon, group"
                + " sys\nhint: ");
    assertThatThrownBy(() -> list.require(new Identity(4711, 4711, List.of())))
        .hasMessageStartingWith("sl5: user ID 4711 is not allowed to use this image; allowed: ");
  }
}
