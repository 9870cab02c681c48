// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.syslog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.syschroot.cli.TestImages;
import org.syschroot.syslog.relay.SyslogRelay;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

/** Senders in a real i386 Debian, the relay, and a real rsyslogd. */
@RequiresRoot
@RequiresCommand({"rsyslogd", "debootstrap", "setpriv"})
class SyslogRelayIT {
  private static final int ORDINARY = 1234;

  @TempDir Path folder;
  private Path root;
  private Rsyslog rsyslog;
  private SyslogRelay relay;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    root = TestImages.deb32();
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    rsyslog = new Rsyslog(folder.toRealPath(), true);
    relay = rsyslog.relayOf("deb32", root);
    relay.start();
  }

  @AfterEach
  void stop() throws Exception {
    relay.close();
    rsyslog.close();
    assertThat(root.resolve("dev/log")).doesNotExist();
    assertThat(root.resolve("dev/log.stream")).doesNotExist();
  }

  private static long number(String line, String name) {
    Matcher matcher = Pattern.compile("\"" + name + "\": \"?(\\d+)").matcher(line);
    assertThat(matcher.find()).as("%s in %s", name, line).isTrue();
    return Long.parseLong(matcher.group(1));
  }

  /** chroot(1) needs root, so the user is changed inside. */
  private Process asUser(int uid, String script) throws IOException {
    return new ProcessBuilder(
            "/usr/sbin/chroot",
            "--userspec=" + uid + ":" + uid,
            root.toString(),
            "/bin/sh",
            "-c",
            script)
        .redirectErrorStream(true)
        .start();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, ORDINARY})
  void logger_inTheImage_arrivesWithItsOwnPidAndUser(int uid) throws Exception {
    // Read from a pipe, so that it lives until the line has been passed on.
    Process logger = asUser(uid, "exec logger -t probe");
    logger.getOutputStream().write("hello from the image\n".getBytes(StandardCharsets.US_ASCII));
    logger.getOutputStream().flush();
    String line = rsyslog.awaitLine(text -> text.contains("hello from the image"));
    assertThat(line).contains("tag=probe[" + logger.pid() + "]:");
    assertThat(number(line, "pid")).isEqualTo(logger.pid());
    assertThat(number(line, "uid")).isEqualTo(uid);
    assertThat(number(line, "gid")).isEqualTo(uid);
    logger.getOutputStream().close();
    assertThat(logger.waitFor()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-d", "-u"})
  void logger_datagramAndOtherPath_arrive(String option) throws Exception {
    String socket = option.equals("-d") ? "-d -u /dev/log" : "-u /dev/log.stream";
    Process logger = asUser(ORDINARY, "exec logger -t probe " + socket);
    logger.getOutputStream().write("by another way\n".getBytes(StandardCharsets.US_ASCII));
    logger.getOutputStream().flush();
    String line = rsyslog.awaitLine(text -> text.contains("by another way"));
    assertThat(number(line, "pid")).isEqualTo(logger.pid());
    assertThat(number(line, "uid")).isEqualTo(ORDINARY);
    logger.getOutputStream().close();
    assertThat(logger.waitFor()).isZero();
  }

  @Test
  void syslog_ofTheImagesLibc_arrives() throws Exception {
    // su(1) is a C program that calls syslog(3), through PAM, and waits for its command.
    Process su = asUser(0, "exec su nobody -s /bin/sh -c 'read line'");
    String line = rsyslog.awaitLine(text -> text.contains("session opened for user nobody"));
    assertThat(line).contains("tag=su[" + su.pid() + "]:");
    assertThat(number(line, "pid")).isEqualTo(su.pid());
    su.getOutputStream().write('\n');
    su.getOutputStream().close();
    assertThat(su.waitFor()).isZero();
  }

  @Test
  void rsyslogd_stoppedAndKilled_onlyItsOwnSocketLosesAnything() throws Exception {
    rsyslog.close();
    rsyslog = new Rsyslog(folder.toRealPath(), false);
    int senders = 8;
    int each = Dose.of(5_000, 125_000);
    // Not at once: a second read of such a file finds nothing, and the first may ask for one byte.
    int queue =
        Integer.parseInt(Files.readAllLines(Path.of("/proc/sys/net/unix/max_dgram_qlen")).get(0));
    Process all =
        new ProcessBuilder(
                "perl",
                "-MSocket",
                "-e",
                "for $s (1..$ARGV[1]) { next if fork; socket(S,PF_UNIX,SOCK_DGRAM,0);"
                    + "connect(S,pack_sockaddr_un($ARGV[0]))||die $!;"
                    + "for $n (1..$ARGV[2]) {send(S,\"<13>load: s$s n$n end\",0)//die $!} exit}"
                    + "1 while wait>0",
                root.resolve("dev/log").toString(),
                String.valueOf(senders),
                String.valueOf(each))
            .redirectErrorStream(true)
            .start();
    int restarts = 0;
    while (all.isAlive() || relay.counters().get(0).queued() > 0) {
      rsyslog.restart(restarts % 2 == 0);
      restarts++;
      TimeUnit.MILLISECONDS.sleep(Dose.of(300, 1000)); // its life, not a wait for something
    }
    assertThat(all.waitFor()).isZero();
    assertThat(restarts).isGreaterThan(1);
    relay.close();
    rsyslog.close();
    var counters = relay.counters().get(0);
    long sent = (long) senders * each;
    assertThat(counters.received()).isEqualTo(sent);
    assertThat(counters.forwarded()).isEqualTo(sent);
    int[] latest = new int[senders + 1];
    long received = 0;
    Pattern load = Pattern.compile(" s(\\d+) n(\\d+) end\\|");
    for (String line : rsyslog.lines()) {
      Matcher matcher = load.matcher(line);
      if (matcher.find()) {
        int sender = Integer.parseInt(matcher.group(1));
        int number = Integer.parseInt(matcher.group(2));
        assertThat(number).as(line).isGreaterThan(latest[sender]);
        latest[sender] = number;
        received++;
      }
    }
    System.out.printf(
        "rsyslogd restarted %d times: %d sent, %d forwarded, %d in its file, %d lost by it%n",
        restarts, sent, counters.forwarded(), received, sent - received);
    // What was in its socket when it ended, and what it had read and not yet written.
    assertThat(sent - received).isLessThanOrEqualTo((long) restarts * (queue + 2));
  }
}
