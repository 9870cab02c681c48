// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.cli.TestImages;
import org.syschroot.syslog.relay.SyslogRelay;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** A real rsyslogd that limits each process sees the senders behind the relay, not the relay. */
@RequiresRoot
@RequiresCommand({"rsyslogd", "debootstrap"})
class RateLimitIT {
  private static final int BURST = 20;
  private static final int SECONDS = 600;
  private static final int FLOOD = 500;

  @TempDir private Path folder;
  private Path root;
  private Rsyslog rsyslog;
  private SyslogRelay relay;

  @BeforeEach
  void start() throws Exception {
    root = TestImages.deb32();
    rsyslog = Rsyslog.withRateLimit(folder.toRealPath(), BURST, SECONDS);
    relay = rsyslog.relayOf("deb32", root);
    relay.start();
  }

  @AfterEach
  void stop() throws Exception {
    relay.close();
    rsyslog.close();
  }

  /** A sender that lives as long as its input. */
  private Process logger(String tag, String socket) throws IOException {
    return new ProcessBuilder(
            "/usr/sbin/chroot", root.toString(), "/usr/bin/logger", "-t", tag, "-u", socket)
        .redirectErrorStream(true)
        .start();
  }

  private static void send(Process logger, String text, int times) throws IOException {
    for (int i = 0; i < times; i++) {
      logger.getOutputStream().write((text + " " + i + "\n").getBytes(StandardCharsets.US_ASCII));
    }
    logger.getOutputStream().flush();
  }

  private long arrived(String tag) throws IOException {
    return rsyslog.lines().stream().filter(line -> line.contains("tag=" + tag + "[")).count();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/dev/log", "/dev/log.stream"})
  void flood_ofOneProcess_silencesNoOther(String socket) throws Exception {
    Process flood = logger("flood", socket);
    Process quiet = logger("quiet", socket);
    send(flood, "flooding", FLOOD);
    // The daemon begins to drop, and has seen the flood's end by what comes after it.
    rsyslog.awaitLine(line -> line.contains("flooding " + (BURST - 1)));
    send(flood, "flooding", FLOOD);
    send(quiet, "heard", BURST);
    rsyslog.awaitLine(line -> line.contains("heard " + (BURST - 1)));
    Process late = logger("late", socket);
    send(late, "heard late", 1);
    rsyslog.awaitLine(line -> line.contains("heard late 0"));

    assertThat(arrived("quiet")).isEqualTo(BURST);
    assertThat(arrived("flood")).isEqualTo(BURST);
    for (Process logger : List.of(flood, quiet, late)) {
      logger.getOutputStream().close();
      assertThat(logger.waitFor()).isZero();
    }
    assertThat(relay.counters().get(0).forwarded()).isEqualTo(2 * FLOOD + BURST + 1);
  }

  /** The kernel lets nobody send for a process that is gone, so these have the relay's number. */
  @Test
  void flood_ofOneProcess_silencesNotThoseThatHaveEnded() throws Exception {
    Process flood = logger("flood", "/dev/log");
    send(flood, "flooding", FLOOD);
    rsyslog.awaitLine(line -> line.contains("flooding " + (BURST - 1)));
    for (int i = 0; i < BURST; i++) {
      Process brief = logger("brief", "/dev/log");
      send(brief, "brief " + i, 1);
      brief.getOutputStream().close();
      assertThat(brief.waitFor()).isZero();
    }
    rsyslog.awaitLine(line -> line.contains("brief " + (BURST - 1)));
    assertThat(arrived("brief")).isEqualTo(BURST);
    flood.getOutputStream().close();
    assertThat(flood.waitFor()).isZero();
  }
}
