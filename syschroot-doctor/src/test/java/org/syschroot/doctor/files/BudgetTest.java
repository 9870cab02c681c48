// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BudgetTest {
  private final AtomicLong now = new AtomicLong(-5); // as System.nanoTime(), of any sign
  private final Budget budget = Budget.of(Duration.ofSeconds(100), now::get);

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void payFiles_withinTheTime_isAllowed() {
    pass(Duration.ofSeconds(49));
    budget.payFiles(1_000_000);
    assertThat(budget.leftOfPart()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void payFiles_behindTheEndOfThePart_saysHowLong() {
    pass(Duration.ofSeconds(51));
    assertThatThrownBy(() -> budget.payFiles(1))
        .isInstanceOf(BudgetSpentException.class)
        .hasMessageContaining("100 s");
    assertThat(budget.leftOfPart()).isZero();
  }

  @Test
  void beginPart_afterAnyNumberOfSpentOnes_leavesTime() {
    for (int part = 0; part < 40; part++) {
      pass(budget.leftOfPart().plusNanos(1));
      budget.beginPart();
      budget.payFiles(1);
    }
    assertThat(Duration.ofNanos(now.get()))
        .isBetween(Duration.ofSeconds(99), Duration.ofSeconds(110));
  }

  @Test
  void isNearlySpent_lastQuarterOfThePart_isTrue() {
    pass(Duration.ofSeconds(37));
    assertThat(budget.isNearlySpent()).isFalse();
    pass(Duration.ofSeconds(1));
    assertThat(budget.isNearlySpent()).isTrue();
  }

  @Test
  void pay_moreThanThereIs_isRefused() {
    assertThatThrownBy(() -> budget.payFiles(20_000_001)).hasMessageContaining("files to check");
    assertThatThrownBy(() -> budget.payBytes(5L << 30)).hasMessageContaining("bytes to read");
    assertThatThrownBy(() -> budget.payKept(33 << 20))
        .hasMessageContaining("bytes to keep in memory");
  }

  @Test
  void withdraw_spentBudget_endsItAndKeepsTheRestForOthers() {
    budget.payFiles(20_000_000);
    Budget rest = budget.withdraw();
    assertThatThrownBy(() -> budget.payBytes(1)).isInstanceOf(BudgetSpentException.class);
    rest.payBytes(1);
    assertThatThrownBy(() -> rest.payFiles(1)).hasMessageContaining("files to check");
  }
}
