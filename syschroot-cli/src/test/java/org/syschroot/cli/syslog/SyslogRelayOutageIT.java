// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Program;
import org.syschroot.testing.Dose;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** A relay that is killed, whose daemon is away, or whose socket or {@code /dev} vanishes. */
@InOwnMountNamespace
@RequiresCommand("rsyslogd")
class SyslogRelayOutageIT {
  /** Four processes that log a line a millisecond and connect again as glibc does. */
  private static final String SENDERS =
      "for $s (1 .. 4) { next if fork; for $n (1 .. $ARGV[0]) { until (send(S, \"<13>it: s$s n$n"
          + " end\", 0)) { socket(S, 1, 2, 0); connect(S, pack('Sa*', 1, \"/dev/log\\0\")) or"
          + " select(undef, undef, undef, 0.002) } select(undef, undef, undef, 0.001) } exit }"
          + " 1 while wait > 0";

  private static final Pattern NUMBERED = Pattern.compile(" s([1-4]) n([0-9]+) end");

  @TempDir private Path folder;
  private RelaySite at;
  private LogHost host;

  @BeforeEach
  void makeHost() throws Exception {
    at = new RelaySite(folder);
    host = at.host;
  }

  @AfterEach
  void end() throws IOException {
    at.close();
  }

  @Test
  void relay_daemonAway_messagesWaitAndTermFlushesThem() throws Exception {
    Program.Running relay = at.relay("deb32");
    host.site.run("deb32", "--", "sh", "-c", "for i in $(seq 50); do logger -t it wait $i; done");
    host.startDaemon();
    assertThat(RelaySite.end(relay).status()).isZero();
    assertThat(host.awaitLines("msg= wait ", 50))
        .extracting(line -> line.replaceFirst(".*msg= ", ""))
        .containsExactlyElementsOf(
            java.util.stream.IntStream.rangeClosed(1, 50).mapToObj(i -> "wait " + i).toList());
  }

  @Test
  void relay_fullQueueWithDropOldest_saysHowManyWereDropped() throws Exception {
    Program.Running relay =
        at.relay("--queue-messages", "10", "--when-full", "drop-oldest", "deb32");
    host.site.run("deb32", "--", "sh", "-c", "for i in $(seq 30); do logger -t it full $i; done");
    LogHost.await(() -> RelaySite.counter(relay, "received") == 30);
    long dropped = RelaySite.counter(relay, "dropped");
    assertThat(dropped).isBetween(20L, 29L);
    host.startDaemon();
    LogHost.await(() -> host.lines("full 30").size() == 1);
    assertThat(host.lines("msg= full ")).hasSize((int) (30 - dropped));
    String report = "image deb32: " + dropped + " messages dropped, the queue was full";
    assertThat(host.awaitLines(report, 1)).hasSize(1);
    assertThat(RelaySite.counter(relay, "forwarded")).isEqualTo(30 - dropped);
  }

  @Test
  void relay_killedAndRestarted_sendersReachTheNextOne() throws Exception {
    host.startDaemon();
    Program.Running first = at.relay("deb32");
    at.logger("to the first");
    host.awaitLines("to the first", 1);
    first.process().destroyForcibly();
    assertThat(first.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(at.socket()).exists();
    assertThat(host.run("status", "deb32"))
        .hasToString(
            "status 1\nout: deb32        broken   none: /dev/log in the image is a socket without"
                + " a listener: its daemon or relay has ended\n\n"
                + "err: syschroot: deb32: restart the daemon or relay that listened on it\n"
                + "syschroot: deb32: add \"standard\" to the mounts of deb32, and mount them\n"
                + "syschroot: deb32: or let the daemon listen in the image; its configuration:"
                + " \"syschroot syslog config"
                + " rsyslog deb32\"\n"
                + "syschroot: deb32: or run the relay: \"syschroot syslog relay deb32\"\n");
    Program.Running second = at.start(Program.of(host.words("relay", "deb32")));
    LogHost.await(() -> host.run("status", "-q", "deb32").status() == 0);
    at.logger("to the second");
    assertThat(host.awaitLines("to the second", 1)).hasSize(1);
    assertThat(RelaySite.end(second).status()).isZero();
  }

  @Test
  void relay_killedAgainAndAgainUnderSenders_losesOnlyWhatItHeld() throws Exception {
    host.startDaemon();
    int each = Dose.of(1000, 20_000);
    int messages =
        Integer.parseInt(Files.readAllLines(Path.of("/proc/sys/net/unix/max_dgram_qlen")).get(0));
    Program.Running relay = at.relay("deb32");
    Program.Running senders =
        at.start(host.site.program("deb32", "--", "perl", "-e", SENDERS, Integer.toString(each)));
    int kills = 0;
    while (senders.process().isAlive()) {
      int before = host.lines(" end").size();
      LogHost.await(
          () -> !senders.process().isAlive() || host.lines(" end").size() >= before + 200);
      relay.process().destroyForcibly();
      assertThat(relay.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
      kills++;
      relay = at.start(Program.of(host.words("relay", "deb32")));
    }
    assertThat(senders.await().status()).isZero();
    Program.Running last = relay;
    LogHost.await(() -> host.run("status", "-q", "deb32").status() == 0);
    assertThat(RelaySite.end(last).status()).isZero();
    List<Integer> latest = new ArrayList<>(List.of(0, 0, 0, 0, 0));
    int arrived = 0;
    for (String line : host.lines(" end")) {
      Matcher words = NUMBERED.matcher(line);
      assertThat(words.find()).as(line).isTrue();
      int sender = Integer.parseInt(words.group(1));
      int number = Integer.parseInt(words.group(2));
      assertThat(number).as("once and in order: %s", line).isGreaterThan(latest.get(sender));
      latest.set(sender, number);
      arrived++;
    }
    int lost = 4 * each - arrived;
    System.out.printf("relay killed %d times: %d sent, %d lost%n", kills, 4 * each, lost);
    assertThat(kills).isGreaterThan(1);
    // What was in the image's socket, and what one call had read of it.
    assertThat(lost).isLessThanOrEqualTo(kills * (messages + 1 + 64));
  }

  @Test
  void relay_killedWhileTheDaemonIsAway_losesItsQueueAndNoMore() throws Exception {
    Program.Running first = at.relay("deb32");
    host.site.run("deb32", "--", "sh", "-c", "for i in $(seq 20); do logger -t it gone $i; done");
    LogHost.await(() -> RelaySite.counter(first, "queued") == 20);
    first.process().destroyForcibly();
    assertThat(first.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
    Program.Running second = at.start(Program.of(host.words("relay", "deb32")));
    LogHost.await(() -> host.run("status", "deb32").outText().contains(" relay: "));
    host.site.run("deb32", "--", "sh", "-c", "for i in $(seq 20); do logger -t it kept $i; done");
    host.startDaemon();
    assertThat(host.awaitLines("msg= kept ", 20)).hasSize(20);
    assertThat(host.lines("msg= gone ")).isEmpty();
    assertThat(RelaySite.end(second).status()).isZero();
  }

  @Test
  void relay_devMountedAnewOverIt_servesThatAndThenTheOldOneAgain() throws Exception {
    host.startDaemon();
    at.start(Program.of(host.words("relay", "deb32")).with(Map.of()));
    LogHost.await(() -> Files.exists(at.socket()));
    Object before = Files.getAttribute(at.socket(), "unix:ino");
    Path dev = at.socket().getParent();
    MountSite.host("mount", "-t", "tmpfs", "-o", "mode=755", "none", dev.toString());
    Files.createFile(dev.resolve("null"));
    MountSite.host("mount", "--bind", "/dev/null", dev + "/null");
    LogHost.await(() -> Files.exists(at.socket()));
    at.logger("to the new mount");
    assertThat(host.awaitLines("to the new mount", 1)).hasSize(1);
    MountSite.host("umount", dev + "/null");
    // Lazily, since the relay has a socket there: it lets go of it at its next look.
    MountSite.host("umount", "-l", dev.toString());
    // The one that it had made here before is closed, and another takes its place.
    LogHost.await(() -> !Files.getAttribute(at.socket(), "unix:ino").equals(before));
    at.logger("to the old mount");
    assertThat(host.awaitLines("to the old mount", 1)).hasSize(1);
  }

  @Test
  void relay_socketDeleted_isThereAgain() throws Exception {
    host.startDaemon();
    at.relay("deb32");
    Files.delete(at.socket());
    LogHost.await(() -> Files.exists(at.socket()));
    at.logger("after the deletion");
    assertThat(host.awaitLines("after the deletion", 1)).hasSize(1);
  }
}
