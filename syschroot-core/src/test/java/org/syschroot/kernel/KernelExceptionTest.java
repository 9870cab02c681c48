// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class KernelExceptionTest {
  private static final KernelException DENIED =
      new KernelException("mount", "source=/home, target=/x/home, flags=MS_BIND|MS_REC", 13);

  @Test
  void message_knownErrno_namesCallArgumentsAndErrno() {
    assertThat(DENIED)
        .hasMessage(
            "mount(source=/home, target=/x/home, flags=MS_BIND|MS_REC): EACCES (Permission denied)");
    assertThat(DENIED.call()).isEqualTo("mount");
    assertThat(DENIED.reason()).isEqualTo("EACCES (Permission denied)");
    assertThat(DENIED.errno()).contains(Errno.EACCES);
    assertThat(DENIED.is(Errno.EACCES)).isTrue();
    assertThat(DENIED.is(Errno.EPERM)).isFalse();
  }

  @Test
  void withHint_failure_addsItAndKeepsTheRest() {
    KernelException hinted = DENIED.withHint("ask root");

    assertThat(hinted).hasMessage(DENIED.getMessage() + "; hint: ask root").hasCause(DENIED);
    assertThat(hinted.call()).isEqualTo("mount");
    assertThat(hinted.number()).isEqualTo(13);
  }

  @Test
  void message_unknownErrno_showsTheNumber() {
    KernelException odd = new KernelException("getcwd", "", 999);

    assertThat(odd).hasMessage("getcwd(): errno 999");
    assertThat(odd.errno()).isEmpty();
    assertThat(odd.number()).isEqualTo(999);
  }
}
