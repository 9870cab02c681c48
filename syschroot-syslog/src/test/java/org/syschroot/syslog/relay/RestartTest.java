// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.syschroot.testing.Dose;

/** Eight senders, and a native daemon that comes and goes. */
@SuppressWarnings("try") // the relay is closed twice, on purpose
class RestartTest {
  private static final int SENDERS = 8;
  private static final int EACH = Dose.of(5_000, 125_000);
  private static final int A_LIFE = Dose.of(4_000, 60_000);
  private static final long ALL = (long) SENDERS * EACH;

  @TempDir Path folder;

  private static List<Future<?>> send(ExecutorService pool, Path socket) {
    List<Future<?>> futures = new ArrayList<>();
    for (int i = 0; i < SENDERS; i++) {
      int number = i;
      futures.add(
          pool.submit(
              () -> {
                try (Sender sender = Sender.datagrams(socket)) {
                  for (int n = 0; n < EACH; n++) {
                    sender.send(Sequence.message(number, n));
                  }
                }
                return null;
              }));
    }
    return futures;
  }

  private static boolean areDone(List<Future<?>> senders) {
    return senders.stream().allMatch(Future::isDone);
  }

  @ParameterizedTest
  @EnumSource
  void relay_daemonComesAndGoes_everyMessageIsAccountedFor(WhenFull policy) throws Exception {
    Site site = new Site(folder);
    Sequence sequence = new Sequence(SENDERS);
    AtomicLong arrived = new AtomicLong();
    ExecutorService pool = Executors.newFixedThreadPool(SENDERS);
    SyslogRelay.Builder builder = site.relay("a").queueMessages(2000).whenFull(policy);
    try (SyslogRelay relay = site.started(builder)) {
      List<Future<?>> senders = send(pool, site.devLog("a"));
      long lives = 0;
      while (!areDone(senders) || relay.counters().get(0).queued() > 0) {
        long until = arrived.get() + A_LIFE;
        try (Daemon daemon =
            Daemon.at(
                site.nativeSocket,
                message -> {
                  sequence.accept(message);
                  arrived.incrementAndGet();
                })) {
          lives++;
          site.await(
              () ->
                  arrived.get() >= until
                      || (areDone(senders) && relay.counters().get(0).queued() == 0),
              "the end of a daemon's life");
        }
        // Away until the queue is so full that senders wait, or they have nothing more.
        site.await(
            () -> areDone(senders) || relay.counters().get(0).queued() >= 1500, "a full queue");
      }
      for (Future<?> sender : senders) {
        sender.get();
      }
      assertThat(lives).isGreaterThan(3);
      try (Daemon last = Daemon.at(site.nativeSocket, sequence)) {
        relay.close();
        assertThat(last).isNotNull();
      }
      RelayCounters counters = relay.counters().get(0);
      assertThat(sequence.wrong()).isEmpty();
      assertThat(counters.received()).isEqualTo(ALL);
      assertThat(counters.queued()).isZero();
      assertThat(counters.forwarded() + counters.dropped()).isEqualTo(ALL);
      assertThat(sequence.received()).isEqualTo(counters.forwarded());
      assertThat(sequence.reported()).isEqualTo(counters.dropped());
      assertThat(counters.reconnects()).isGreaterThanOrEqualTo(lives - 1);
      if (policy == WhenFull.BLOCK) {
        assertThat(counters.dropped()).isZero();
        assertThat(sequence.missing()).isZero();
      } else {
        assertThat(counters.dropped()).isPositive();
        assertThat(sequence.missing()).isLessThanOrEqualTo(counters.dropped());
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void relay_restarted_sendersConnectAgain() throws Exception {
    Site site = new Site(folder);
    Sequence sequence = new Sequence(SENDERS);
    ExecutorService pool = Executors.newFixedThreadPool(SENDERS);
    try (Daemon daemon = Daemon.at(site.nativeSocket, sequence)) {
      assertThat(daemon).isNotNull();
      SyslogRelay relay = site.started(site.relay("a"));
      List<Future<?>> senders = send(pool, site.devLog("a"));
      long goal = 0;
      while (!areDone(senders)) {
        goal += A_LIFE;
        long until = goal;
        site.await(() -> areDone(senders) || sequence.received() >= until, "some messages");
        relay.close();
        relay = site.started(site.relay("a"));
      }
      for (Future<?> sender : senders) {
        sender.get();
      }
      relay.close();
      assertThat(sequence.wrong()).isEmpty();
      site.await(() -> sequence.received() == ALL, "every message");
    } finally {
      pool.shutdownNow();
    }
  }
}
