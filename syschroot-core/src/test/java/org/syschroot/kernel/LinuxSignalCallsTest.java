// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LinuxSignalCallsTest {
  private final SignalCalls signals = LinuxSignalCalls.running();

  @Test
  void await_noSignal_isNoughtWhenTheTimeIsOver() throws KernelException {
    long start = System.nanoTime();
    assertThat(signals.await(SignalCalls.bit(SignalCalls.SIGUSR1), Duration.ofMillis(30))).isZero();
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000);
  }

  @Test
  void await_impossibleTime_isRefused() {
    assertThatThrownBy(() -> signals.await(0, Duration.ofSeconds(-1)))
        .isInstanceOf(KernelException.class)
        .hasMessage("rt_sigtimedwait(mask=0x0): EINVAL (Invalid argument)");
  }

  @Test
  void bit_eachSignal_isItsPlaceInAMask() {
    assertThat(SignalCalls.bit(SignalCalls.SIGHUP)).isEqualTo(1);
    assertThat(SignalCalls.bit(SignalCalls.SIGTERM)).isEqualTo(0x4000);
    assertThat(SignalCalls.bit(64)).isEqualTo(Long.MIN_VALUE);
  }
}
