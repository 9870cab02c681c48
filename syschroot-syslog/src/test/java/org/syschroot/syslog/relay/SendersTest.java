// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.syschroot.kernel.ProcessTable.TICK;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.syschroot.kernel.MessageBatch;

class SendersTest {
  private static final int PID = 4711;
  private static final long NOW = MessageBatch.NO_TIME;

  private final FakeProcesses processes = new FakeProcesses();
  private final Senders senders = new Senders(processes, processes::sinceBoot);

  @BeforeEach
  void startSender() {
    processes.start(PID);
    processes.pass(100 * TICK);
  }

  @Test
  void isStill_sameProcessHoursLater_true() {
    long start = senders.startOf(PID, processes.sinceEpoch());
    assertThat(start).isNotEqualTo(Senders.GONE);
    processes.pass(1_000_000 * TICK);
    assertThat(senders.isStill(PID, start)).isTrue();
  }

  @Test
  void isStill_anotherProcessOfThatNumber_false() {
    long start = senders.startOf(PID, processes.sinceEpoch());
    processes.end(PID);
    processes.pass(TICK);
    processes.start(PID);
    assertThat(senders.isStill(PID, start)).isFalse();
    assertThat(senders.isStill(PID, senders.startOf(PID, processes.sinceEpoch()))).isTrue();
  }

  @Test
  void isStill_processEnded_false() {
    long start = senders.startOf(PID, NOW);
    processes.end(PID);
    processes.pass(TICK);
    assertThat(senders.isStill(PID, start)).isFalse();
    assertThat(senders.isStill(PID, Senders.GONE)).isFalse();
  }

  @Test
  void startOf_processOfThatNumberStartedAfterTheSending_gone() {
    long sent = processes.sinceEpoch();
    processes.end(PID);
    processes.pass(3 * TICK);
    processes.start(PID);
    assertThat(senders.startOf(PID, sent)).isEqualTo(Senders.GONE);
    assertThat(senders.isStill(PID, senders.startOf(PID, sent))).isFalse();
  }

  @Test
  void startOf_sentAtOnceAfterTheStart_isTheSender() {
    processes.pass(TICK - 1);
    processes.start(PID + 1);
    assertThat(senders.startOf(PID + 1, processes.sinceEpoch())).isNotEqualTo(Senders.GONE);
  }

  @Test
  void startOf_noProcessOrNoPid_gone() {
    assertThat(senders.startOf(PID + 1, processes.sinceEpoch())).isEqualTo(Senders.GONE);
    assertThat(senders.startOf(MessageQueue.NO_PID, NOW)).isEqualTo(Senders.GONE);
  }

  @Test
  void startOf_numberGivenOutRightAfterItWasFree_isSeen() {
    assertThat(senders.startOf(PID + 1, NOW)).isEqualTo(Senders.GONE);
    processes.start(PID + 1);
    assertThat(senders.startOf(PID + 1, NOW)).isNotEqualTo(Senders.GONE);
  }

  @Test
  void startOf_manyMessagesInATick_oneLook() {
    for (int i = 0; i < 1000; i++) {
      assertThat(senders.isStill(PID, senders.startOf(PID, processes.sinceEpoch()))).isTrue();
    }
    assertThat(processes.looks()).isEqualTo(1);
    processes.pass(TICK);
    senders.startOf(PID, NOW);
    assertThat(processes.looks()).isEqualTo(2);
  }

  @Test
  void startOf_pidsThatShareASlot_areKeptApart() {
    int other = PID + 256;
    processes.start(other);
    long start = senders.startOf(PID, NOW);
    assertThat(senders.startOf(other, NOW)).isNotEqualTo(start);
    assertThat(senders.isStill(PID, start)).isTrue();
    assertThat(senders.isStill(other, start)).isFalse();
  }

  @Test
  void startOf_clockWasSet_messagesAfterItAreNamed() {
    for (long step : new long[] {3_600_000_000_000L, -7_200_000_000_000L}) {
      processes.setClock(step);
      processes.pass(TICK);
      assertThat(senders.startOf(PID, processes.sinceEpoch())).isNotEqualTo(Senders.GONE);
      long sent = processes.sinceEpoch();
      processes.pass(3 * TICK);
      processes.start(PID + 1);
      assertThat(senders.startOf(PID + 1, sent)).isEqualTo(Senders.GONE);
      processes.end(PID + 1);
    }
  }
}
