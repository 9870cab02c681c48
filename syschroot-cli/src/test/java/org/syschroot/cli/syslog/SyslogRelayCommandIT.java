// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.cli.MountSite;
import org.syschroot.cli.Outcome;
import org.syschroot.cli.Program;
import org.syschroot.cli.TestImages;
import org.syschroot.testing.Dose;
import org.syschroot.testing.ImageTree;
import org.syschroot.testing.InOwnMountNamespace;
import org.syschroot.testing.RequiresCommand;

/** The relay as a command, between programs in the i386 image and a real rsyslogd. */
@InOwnMountNamespace
@RequiresCommand("rsyslogd")
class SyslogRelayCommandIT {
  /** Logs a line, says its own number, and stays until its input ends. */
  private static final String SENDER =
      "socket(S, 1, 2, 0); connect(S, pack('Sa*', 1, \"/dev/log\\0\")) or die \"$!\";"
          + " send(S, '<13>' . shift, 0) or die \"$!\"; $| = 1; print $$; sleep 60";

  /** Four processes that log a line a millisecond and connect again as glibc does. */
  private static final String SENDERS =
      "for $s (1 .. 4) { next if fork; for $n (1 .. $ARGV[0]) { until (send(S, \"<13>it: s$s n$n"
          + " end\", 0)) { socket(S, 1, 2, 0); connect(S, pack('Sa*', 1, \"/dev/log\\0\")) or"
          + " select(undef, undef, undef, 0.002) } select(undef, undef, undef, 0.001) } exit }"
          + " 1 while wait > 0";

  private static final Pattern NUMBERED = Pattern.compile(" s([1-4]) n([0-9]+) end");

  @TempDir private Path folder;
  private LogHost host;
  private final List<Program.Running> started = new ArrayList<>();

  @BeforeEach
  void makeHost() throws Exception {
    host = new LogHost(folder);
    // Its own /dev, in a file system of its own, which nothing else sees.
    Path image = Files.createDirectory(host.directory.resolve("image"));
    MountSite.host("mount", "--bind", TestImages.deb32().toString(), image.toString());
    MountSite.host("mount", "-t", "tmpfs", "-o", "mode=755", "none", image + "/dev");
    Files.createFile(image.resolve("dev/null"));
    MountSite.host("mount", "--bind", "/dev/null", image + "/dev/null");
    host.image("deb32", image, "personality = \"linux32\"", "mounts = []");
  }

  @AfterEach
  void end() throws IOException {
    for (Program.Running program : started) {
      program.close();
    }
    host.close();
  }

  private Path socket() {
    return host.directory.resolve("image/dev/log");
  }

  private Program.Running start(Program program) throws IOException {
    Program.Running running = program.start();
    started.add(running);
    return running;
  }

  private Program.Running relay(Map<String, String> variables, String... words)
      throws IOException, InterruptedException {
    Files.deleteIfExists(socket());
    Program.Running relay = start(Program.of(host.words("relay", words)).with(variables));
    LogHost.await(() -> Files.exists(socket()) || !relay.process().isAlive());
    return relay;
  }

  private Program.Running relay(String... words) throws IOException, InterruptedException {
    return relay(Map.of(), words);
  }

  private static Outcome end(Program.Running relay) throws IOException, InterruptedException {
    relay.process().destroy();
    return relay.await();
  }

  private void logger(String text) throws IOException, InterruptedException {
    Outcome outcome = host.site.run("deb32", "--", "logger", "-t", "it", text);
    assertThat(outcome.status()).as("%s", outcome).isZero();
  }

  @Test
  void relay_loggerOfRootAndAnOrdinaryUser_arrivesWithTheUser() throws Exception {
    host.startDaemon();
    Program.Running relay = relay("deb32");
    logger("from root");
    Outcome outcome =
        host.site.run("--user", "65534", "deb32", "--", "logger", "-t", "it", "from nobody");
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(host.awaitLines("from root", 1)).singleElement().asString().startsWith("uid=0 ");
    assertThat(host.awaitLines("from nobody", 1))
        .singleElement()
        .asString()
        .startsWith("uid=65534 ");
    assertThat(end(relay).status()).isZero();
    assertThat(socket()).doesNotExist();
  }

  @Test
  void relay_senderThatLives_arrivesWithItsNumber() throws Exception {
    host.startDaemon();
    relay("deb32");
    Program.Running sender =
        start(
            host.site.program("--user", "65534", "deb32", "--", "perl", "-e", SENDER, "it: alive"));
    String line = host.awaitLines("alive", 1).get(0);
    assertThat(line).startsWith("uid=65534 pid=" + sender.pid() + " ");
    assertThat(sender.outSoFar()).isEqualTo(Long.toString(sender.pid()));
  }

  @Test
  void relay_tagAndStreamSocket_areAsAskedFor() throws Exception {
    host.startDaemon();
    relay("--tag", "--stream-socket", "/dev/log-stream", "--all");
    logger("tagged");
    assertThat(host.awaitLines("tagged", 1)).singleElement().asString().contains("tag=it/deb32");
    Outcome outcome =
        host.site.run("deb32", "--", "logger", "-t", "it", "-u", "/dev/log-stream", "by stream");
    assertThat(outcome.status()).as("%s", outcome).isZero();
    assertThat(host.awaitLines("by stream", 1)).hasSize(1);
  }

  @Test
  void relay_daemonAway_messagesWaitAndTermFlushesThem() throws Exception {
    Program.Running relay = relay("deb32");
    host.site.run("deb32", "--", "sh", "-c", "for i in $(seq 50); do logger -t it wait $i; done");
    host.startDaemon();
    assertThat(end(relay).status()).isZero();
    assertThat(host.awaitLines("msg= wait ", 50))
        .extracting(line -> line.replaceFirst(".*msg= ", ""))
        .containsExactlyElementsOf(
            java.util.stream.IntStream.rangeClosed(1, 50).mapToObj(i -> "wait " + i).toList());
  }

  @Test
  void relay_fullQueueWithDropOldest_saysHowManyWereDropped() throws Exception {
    Program.Running relay = relay("--queue-messages", "10", "--when-full", "drop-oldest", "deb32");
    host.site.run("deb32", "--", "sh", "-c", "for i in $(seq 30); do logger -t it full $i; done");
    LogHost.await(() -> counter(relay, "received") == 30);
    long dropped = counter(relay, "dropped");
    assertThat(dropped).isBetween(20L, 29L);
    host.startDaemon();
    LogHost.await(() -> host.lines("full 30").size() == 1);
    assertThat(host.lines("msg= full ")).hasSize((int) (30 - dropped));
    String report = "image deb32: " + dropped + " messages dropped, the queue was full";
    assertThat(host.awaitLines(report, 1)).hasSize(1);
    assertThat(counter(relay, "forwarded")).isEqualTo(30 - dropped);
  }

  /** Asks by SIGUSR1. */
  private static long counter(Program.Running relay, String name) throws IOException {
    int before = relay.outSoFar().length();
    try {
      MountSite.host("kill", "-USR1", Long.toString(relay.pid()));
      LogHost.await(() -> relay.outSoFar().indexOf('\n', before) > 0);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    Matcher number = Pattern.compile(" " + name + "=([0-9]+)").matcher(relay.outSoFar());
    assertThat(number.find(before)).as(relay.outSoFar()).isTrue();
    return Long.parseLong(number.group(1));
  }

  @Test
  void relay_killedAndRestarted_sendersReachTheNextOne() throws Exception {
    host.startDaemon();
    Program.Running first = relay("deb32");
    logger("to the first");
    host.awaitLines("to the first", 1);
    first.process().destroyForcibly();
    assertThat(first.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(socket()).exists();
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
    Program.Running second = start(Program.of(host.words("relay", "deb32")));
    LogHost.await(() -> host.run("status", "-q", "deb32").status() == 0);
    logger("to the second");
    assertThat(host.awaitLines("to the second", 1)).hasSize(1);
    assertThat(end(second).status()).isZero();
  }

  @Test
  void relay_killedAgainAndAgainUnderSenders_losesOnlyWhatItHeld() throws Exception {
    host.startDaemon();
    int each = Dose.of(1000, 20_000);
    int messages =
        Integer.parseInt(Files.readAllLines(Path.of("/proc/sys/net/unix/max_dgram_qlen")).get(0));
    Program.Running relay = relay("deb32");
    Program.Running senders =
        start(host.site.program("deb32", "--", "perl", "-e", SENDERS, Integer.toString(each)));
    int kills = 0;
    while (senders.process().isAlive()) {
      int before = host.lines(" end").size();
      LogHost.await(
          () -> !senders.process().isAlive() || host.lines(" end").size() >= before + 200);
      relay.process().destroyForcibly();
      assertThat(relay.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
      kills++;
      relay = start(Program.of(host.words("relay", "deb32")));
    }
    assertThat(senders.await().status()).isZero();
    Program.Running last = relay;
    LogHost.await(() -> host.run("status", "-q", "deb32").status() == 0);
    assertThat(end(last).status()).isZero();
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
    Program.Running first = relay("deb32");
    host.site.run("deb32", "--", "sh", "-c", "for i in $(seq 20); do logger -t it gone $i; done");
    LogHost.await(() -> counter(first, "queued") == 20);
    first.process().destroyForcibly();
    assertThat(first.process().waitFor(10, TimeUnit.SECONDS)).isTrue();
    Program.Running second = start(Program.of(host.words("relay", "deb32")));
    LogHost.await(() -> host.run("status", "deb32").outText().contains("relay"));
    host.site.run("deb32", "--", "sh", "-c", "for i in $(seq 20); do logger -t it kept $i; done");
    host.startDaemon();
    assertThat(host.awaitLines("msg= kept ", 20)).hasSize(20);
    assertThat(host.lines("msg= gone ")).isEmpty();
    assertThat(end(second).status()).isZero();
  }

  @Test
  void relay_devMountedAnewOverIt_servesThatAndThenTheOldOneAgain() throws Exception {
    host.startDaemon();
    start(Program.of(host.words("relay", "deb32")).with(Map.of()));
    LogHost.await(() -> Files.exists(socket()));
    Object before = Files.getAttribute(socket(), "unix:ino");
    Path dev = socket().getParent();
    MountSite.host("mount", "-t", "tmpfs", "-o", "mode=755", "none", dev.toString());
    Files.createFile(dev.resolve("null"));
    MountSite.host("mount", "--bind", "/dev/null", dev + "/null");
    LogHost.await(() -> Files.exists(socket()));
    logger("to the new mount");
    assertThat(host.awaitLines("to the new mount", 1)).hasSize(1);
    MountSite.host("umount", dev + "/null");
    // Lazily, since the relay has a socket there: it lets go of it at its next look.
    MountSite.host("umount", "-l", dev.toString());
    // The one that it had made here before is closed, and another takes its place.
    LogHost.await(() -> !Files.getAttribute(socket(), "unix:ino").equals(before));
    logger("to the old mount");
    assertThat(host.awaitLines("to the old mount", 1)).hasSize(1);
  }

  @Test
  void relay_socketDeleted_isThereAgain() throws Exception {
    host.startDaemon();
    relay("deb32");
    Files.delete(socket());
    LogHost.await(() -> Files.exists(socket()));
    logger("after the deletion");
    assertThat(host.awaitLines("after the deletion", 1)).hasSize(1);
  }

  @Test
  void relay_withoutThePrivilegeToNameSenders_saysSoOnceAndGoesOn() throws Exception {
    host.startDaemon();
    List<String> words =
        new ArrayList<>(
            List.of(
                "setpriv", "--bounding-set", "-sys_admin,-setuid,-setgid", "--inh-caps", "-all"));
    words.addAll(host.words("relay", "deb32"));
    Program.Running relay = start(Program.of(words));
    LogHost.await(() -> Files.exists(socket()) || !relay.process().isAlive());
    for (int i = 0; i < 3; i++) {
      Outcome sent =
          host.site.run("--user", "65534", "deb32", "--", "logger", "-t", "it", "unnamed " + i);
      assertThat(sent.status()).as("%s", sent).isZero();
    }
    assertThat(host.awaitLines("msg= unnamed", 3))
        .allMatch(line -> line.startsWith("uid=0 pid=" + relay.pid() + " "));
    Outcome outcome = end(relay);
    assertThat(outcome.status()).isZero();
    assertThat(outcome.errText())
        .containsOnlyOnce("cannot forward user and process ID of the sender");
  }

  @Test
  void relay_statsFile_isWholeJsonAtEveryMoment() throws Exception {
    host.startDaemon();
    Path stats = host.directory.resolve("stats.json");
    Program.Running relay = relay("--stats", stats.toString(), "deb32");
    logger("counted");
    host.awaitLines("counted", 1);
    // A signal has the file written too.
    LogHost.await(() -> counter(relay, "forwarded") == 1);
    LogHost.await(() -> image(stats).get("forwarded").getAsLong() == 1);
    assertThat(image(stats).get("image").getAsString()).isEqualTo("deb32");
    assertThat(image(stats).get("serving").getAsLong()).isEqualTo(1);
    assertThat(end(relay).status()).isZero();
    assertThat(image(stats).get("serving").getAsLong()).isZero();
    assertThat(host.directory.resolve("stats.json.new")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"000", "077"})
  void relay_statsFileAndSocket_haveTheirModesWhateverTheUmask(String umask) throws Exception {
    host.startDaemon();
    Path stats = host.directory.resolve("stats.json");
    List<String> words =
        new ArrayList<>(List.of("sh", "-c", "umask " + umask + "; exec \"$@\"", "sh"));
    words.addAll(host.words("relay", "--stats", stats.toString(), "deb32"));
    Program.Running relay = start(Program.of(words));
    LogHost.await(() -> Files.exists(socket()) && Files.exists(stats));
    assertThat(Files.getPosixFilePermissions(stats))
        .isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(Files.getPosixFilePermissions(socket()))
        .isEqualTo(PosixFilePermissions.fromString("rw-rw-rw-"));
    assertThat(end(relay).status()).isZero();
  }

  private static JsonObject image(Path stats) throws IOException {
    return JsonParser.parseString(Files.readString(stats))
        .getAsJsonObject()
        .getAsJsonArray("images")
        .get(0)
        .getAsJsonObject();
  }

  /** Writes each datagram to standard output, on a socket with a path or an abstract name. */
  private Program.Running systemd(String address) throws IOException, InterruptedException {
    Program.Running running =
        start(
            Program.of(
                "perl",
                "-e",
                "socket(S, 1, 2, 0); $a = shift; $a =~ s/^@/\\0/; bind(S, pack('Sa*', 1, $a)) or"
                    + " die \"$!\"; $| = 1; print \"ready\\n\"; while (recv(S, $d, 4096, 0), length"
                    + " $d) { print \"[$d]\\n\" }",
                address));
    LogHost.await(() -> running.outSoFar().startsWith("ready"));
    return running;
  }

  @Test
  void relay_underSystemd_tellsHowItIs() throws Exception {
    Path socket = host.directory.resolve("notify");
    Program.Running systemd = systemd(socket.toString());
    Map<String, String> variables =
        Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "300000");
    Program.Running relay = relay(variables, "deb32");
    LogHost.await(() -> systemd.outSoFar().split("\\[WATCHDOG=1\\]").length > 3);
    end(relay);
    LogHost.await(() -> systemd.outSoFar().contains("STOPPING=1"));
    assertThat(systemd.outSoFar())
        .containsOnlyOnce("[READY=1\nSTATUS=serving")
        .endsWith("[STOPPING=1\nSTATUS=flushing]\n");
  }

  @Test
  void relay_abstractNotifySocketAndOthersWatchdog_noPings() throws Exception {
    Program.Running systemd = systemd("@syschroot-it-" + ProcessHandle.current().pid());
    Map<String, String> variables =
        Map.of(
            "NOTIFY_SOCKET",
            "@syschroot-it-" + ProcessHandle.current().pid(),
            "WATCHDOG_USEC",
            "100000",
            "WATCHDOG_PID",
            "1");
    Program.Running relay = relay(variables, "deb32");
    LogHost.await(() -> systemd.outSoFar().contains("READY=1"));
    assertThat(counter(relay, "received")).isZero();
    end(relay);
    LogHost.await(() -> systemd.outSoFar().contains("STOPPING=1"));
    assertThat(systemd.outSoFar()).doesNotContain("WATCHDOG");
  }

  @Test
  void relay_ofRoot_keepsFewPrivilegesAndLittleMemory() throws Exception {
    Program.Running relay = relay("deb32");
    List<String> status = Files.readAllLines(Path.of("/proc/" + relay.pid() + "/status"));
    // CAP_DAC_OVERRIDE, CAP_SETGID, CAP_SETUID, CAP_SYS_ADMIN.
    assertThat(status).contains("CapEff:\t00000000002000c2", "CapBnd:\t00000000002000c2");
    String resident = status.stream().filter(l -> l.startsWith("VmRSS")).findFirst().orElseThrow();
    assertThat(Integer.parseInt(resident.replaceAll("[^0-9]", ""))).isLessThan(100 * 1024);
  }

  @Test
  void relay_socketTaken_saysSoAndLeavesIt() throws Exception {
    host.startDaemon(
        "input(type=\"imuxsock\" Socket=\"" + socket() + "\" UsePidFromSystem=\"on\")");
    Program.Running relay = start(Program.of(host.words("relay", "deb32")));
    LogHost.await(() -> !relay.errSoFar().isEmpty() && relay.errSoFar().contains("listens"));
    assertThat(end(relay).status()).isZero();
    logger("to the daemon itself");
    assertThat(host.awaitLines("to the daemon itself", 1)).hasSize(1);
  }

  @Test
  void relay_installUnit_isValidAndKeepsTheOptions() throws Exception {
    Path etc = ImageTree.of(host.directory, "dir upper", "dir work").resolve("upper");
    String layers = "lowerdir=/etc,upperdir=" + etc + ",workdir=" + host.directory + "/work";
    MountSite.host("mount", "-t", "overlay", "-o", layers, "none", "/etc");
    MountSite.host("mkdir", "-p", "/etc/systemd/system");
    Outcome outcome = host.run("relay", "--install-unit", "--tag", "--stats", "/run/a b", "--all");
    assertThat(outcome)
        .hasToString(
            "status 0\nout: /etc/systemd/system/syschroot-syslog.service\n\nerr: syschroot: to relay"
                + " now and at boot: systemctl enable --now syschroot-syslog\n");
    assertThat(MountSite.host("cat", "/etc/systemd/system/syschroot-syslog.service").outText())
        .contains(
            "ExecStart="
                + TestImages.command()
                + " syslog relay --config "
                + host.site.directory()
                + " --tag --stats \"/run/a b\" --all\n")
        .contains("CapabilityBoundingSet=CAP_DAC_OVERRIDE CAP_SETGID CAP_SETUID CAP_SYS_ADMIN\n");
    Outcome verified =
        Program.of("systemd-analyze", "verify", "/etc/systemd/system/syschroot-syslog.service")
            .run();
    assertThat(verified.errText()).doesNotContain("syschroot-syslog");
    assertThat(verified.status()).as("%s", verified).isZero();
  }

  @Test
  void relay_badInput_isRefused() throws Exception {
    assertThat(host.run("relay"))
        .hasToString(refused("relay", "name one or more images, or use --all"));
    assertThat(host.run("relay", "--queue-messages", "0", "deb32"))
        .hasToString(
            refused("relay", "--queue-messages 0: must be an integer from 1 to 2147483647"));
    assertThat(host.run("relay", "--when-full", "drop", "deb32"))
        .hasToString(refused("relay", "--when-full drop: must be block or drop-oldest"));
    assertThat(host.run("relay", "--to", "log", "deb32").status()).isEqualTo(2);
    assertThat(host.run("relay", "--stats", "/nowhere/stats", "deb32"))
        .hasToString(
            "status 125\nout: \nerr: syschroot: --stats /nowhere/stats: cannot write the file:"
                + " use a file in an existing directory\n");
    assertThat(host.run("relay", "nosuch").errText()).contains("no such image: nosuch");
    assertThat(socket()).doesNotExist();
  }

  private static String refused(String command, String reason) {
    return "status 2\nout: \nerr: syschroot: "
        + reason
        + "\nhint: syschroot syslog "
        + command
        + " --help\n";
  }

  @Test
  void relay_ordinaryUser_isToldThatItIsForRoot() throws Exception {
    List<String> words = new ArrayList<>(List.of("setpriv", "--reuid=65534", "--clear-groups"));
    words.addAll(host.words("relay", "deb32"));
    assertThat(Program.of(words).run())
        .hasToString(
            "status 125\nout: \nerr: syschroot: only root can run \"syslog relay\": it creates"
                + " sockets in images and forwards the sender of each message\n");
  }
}
