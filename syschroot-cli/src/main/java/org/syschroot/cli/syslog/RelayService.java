// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.syschroot.cli.frame.Console;
import org.syschroot.cli.frame.ExitStatus;
import org.syschroot.cli.frame.FailureMessages;
import org.syschroot.kernel.LinuxSignalCalls;
import org.syschroot.kernel.SignalCalls;
import org.syschroot.syslog.relay.SyslogRelay;
import org.syschroot.syslog.service.ServiceNotice;

/**
 * A relay in the foreground: takes signals, tells systemd how it is, writes the counters.
 *
 * <p>The start script has blocked the signals, so none of them ends the JVM by itself.
 */
final class RelayService {
  private static final Duration TURN = Duration.ofSeconds(1);
  private static final Duration STATS_EVERY = Duration.ofSeconds(5);
  // The relay's thread makes a turn at least every second.
  private static final Duration NEVER_HANGING = Duration.ofSeconds(3);
  private static final long END =
      SignalCalls.bit(SignalCalls.SIGTERM)
          | SignalCalls.bit(SignalCalls.SIGINT)
          | SignalCalls.bit(SignalCalls.SIGHUP);
  private static final long EVENTS = END | SignalCalls.bit(SignalCalls.SIGUSR1);

  private final SyslogRelay relay;
  private final Console console;
  private final ServiceNotice notice;
  private final @Nullable StatsFile stats;
  private final SignalCalls signals = LinuxSignalCalls.running();
  private final Duration longestTurn;
  private Instant nextStats = Instant.MIN;
  private Instant nextAlive = Instant.MIN;
  private String status = "";

  RelayService(
      SyslogRelay relay, Console console, ServiceNotice notice, @Nullable StatsFile stats) {
    this.relay = relay;
    this.console = console;
    this.notice = notice;
    this.stats = stats;
    this.longestTurn =
        notice
            .watchdog()
            .map(time -> time.dividedBy(3))
            .filter(time -> time.compareTo(TURN) < 0)
            .orElse(TURN);
  }

  /** Relays until a signal says to end, or the relay ends by itself. */
  int run() throws IOException {
    relay.start();
    writeStats();
    status = RelayStats.line(relay.counters());
    notice.ready(status);
    int signal = 0;
    while (relay.isRunning() && signal == 0) {
      signal = turn();
    }
    return end(signal != 0);
  }

  /** Returns the signal that says to end, or 0. */
  private int turn() throws IOException {
    int signal = signals.await(EVENTS, longestTurn);
    if (signal == SignalCalls.SIGUSR1) {
      console.print(RelayStats.text(relay.counters()));
      writeStats();
      return 0;
    }
    if (signal != 0) {
      return signal;
    }
    Instant now = Instant.now();
    if (notice.watchdog().isPresent() && now.isAfter(nextAlive)) {
      tellAlive(now, notice.watchdog().get());
    }
    if (now.isAfter(nextStats)) {
      writeStats();
      tellStatus();
    }
    return 0;
  }

  /** Only what the relay's own thread does counts: one that hangs is for systemd to kill. */
  private void tellAlive(Instant now, Duration watchdog) {
    Duration half = watchdog.dividedBy(2);
    Duration hanging = half.compareTo(NEVER_HANGING) > 0 ? half : NEVER_HANGING;
    if (relay.sinceLastTurn().compareTo(hanging) < 0) {
      notice.alive();
      nextAlive = now.plus(watchdog.dividedBy(3));
    }
  }

  private void tellStatus() {
    String line = RelayStats.line(relay.counters());
    if (!line.equals(status)) {
      status = line;
      notice.status(line);
    }
  }

  private void writeStats() {
    nextStats = Instant.now().plus(STATS_EVERY);
    if (stats == null) {
      return;
    }
    try {
      stats.write(RelayStats.json(relay.counters(), ProcessHandle.current().pid()));
    } catch (IOException e) {
      // A full disk is no reason to lose messages.
      console.error("--stats " + stats.path() + ": " + FailureMessages.of(e));
    }
  }

  private int end(boolean asked) {
    notice.stopping("flushing");
    relay.close();
    writeStats();
    if (!asked) {
      console.error("the relay has ended unexpectedly");
      return ExitStatus.FAILED;
    }
    console.detail(RelayStats.line(relay.counters()));
    return ExitStatus.OK;
  }
}
