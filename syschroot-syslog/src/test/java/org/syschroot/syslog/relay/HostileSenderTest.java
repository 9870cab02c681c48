// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.kernel.Errno;
import org.syschroot.path.HostPath;
import org.syschroot.syslog.relay.Daemon.Mailbox;
import org.syschroot.testing.Dose;
import org.syschroot.testing.RequiresCommand;
import org.syschroot.testing.RequiresRoot;

@SuppressWarnings("try") // a daemon need only be there
class HostileSenderTest {
  private static final int SENDMSG = System.getProperty("os.arch").equals("aarch64") ? 211 : 46;

  @TempDir Path folder;
  private Site site;

  @BeforeEach
  void makeSite() throws IOException {
    site = new Site(folder);
  }

  private static long descriptors() throws IOException {
    try (var entries = Files.list(Path.of("/proc/self/fd"))) {
      return entries.count();
    }
  }

  @Test
  void relay_randomDatagrams_arriveUnchanged() throws Exception {
    int number = Dose.of(5_000, 100_000);
    SplittableRandom random = new SplittableRandom(20261124);
    SplittableRandom again = new SplittableRandom(20261124);
    AtomicLong arrived = new AtomicLong();
    AtomicLong wrong = new AtomicLong();
    try (Daemon daemon =
            Daemon.at(
                site.nativeSocket,
                message -> {
                  byte[] expected = bytes(again);
                  wrong.addAndGet(java.util.Arrays.equals(message.bytes(), expected) ? 0 : 1);
                  arrived.incrementAndGet();
                });
        SyslogRelay relay = site.started(site.relay("a"));
        Sender sender = Sender.datagrams(site.devLog("a"))) {
      for (int i = 0; i < number; i++) {
        sender.send(bytes(random));
      }
      site.await(() -> arrived.get() == number, "all of them");
      assertThat(wrong).hasValue(0);
    }
  }

  private static byte[] bytes(SplittableRandom random) {
    byte[] bytes = new byte[random.nextInt(random.nextInt(50) == 0 ? 20_000 : 300)];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  @RequiresRoot
  void relay_forgedSender_isWhatTheKernelAllowed() throws Exception {
    Mailbox mailbox = new Mailbox();
    byte[] text = "<13>x: y".getBytes(StandardCharsets.US_ASCII);
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay("a"));
        Sender sender = Sender.datagrams(site.devLog("a"))) {
      assertThat(sender.forge(text, 1, 12_345, 54_321)).isZero();
      Daemon.Message message = mailbox.await(1).get(0);
      assertThat(message.pid()).isEqualTo(1);
      assertThat(message.uid()).isEqualTo(12_345);
      assertThat(message.gid()).isEqualTo(54_321);
      assertThat(sender.forge(text, Integer.MAX_VALUE, 0, 0)).isEqualTo(Errno.ESRCH.number());
    }
  }

  @Test
  @RequiresRoot
  @RequiresCommand("setpriv")
  void relay_forgedByOrdinaryUser_isRefusedByTheKernel() throws Exception {
    Files.setPosixFilePermissions(
        folder, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
    Mailbox mailbox = new Mailbox();
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay("a"))) {
      Process forger =
          new ProcessBuilder(
                  "setpriv",
                  "--reuid=65534",
                  "--regid=65534",
                  "--clear-groups",
                  "perl",
                  "-MSocket",
                  "-e",
                  // msghdr of sendmsg(2), with SCM_CREDENTIALS of pid 1 and root
                  "socket(S,PF_UNIX,SOCK_DGRAM,0);connect(S,pack_sockaddr_un(shift))||die $!;"
                      + "$t='<13>forged';$v=pack('pQ',$t,length $t);"
                      + "$c=pack('QllLLLx4',28,1,2,1,0,0);"
                      + "$h=pack('QLx4PQPQQ',0,0,$v,1,$c,28,0);"
                      + "$r=syscall(shift,fileno(S),$h,0);$e=$!+0;"
                      + "send(S,'<13>honest',0);exit($r==-1?$e:0)",
                  site.devLog("a").toString(),
                  String.valueOf(SENDMSG))
              .redirectErrorStream(true)
              .start();
      assertThat(forger.waitFor()).isEqualTo(Errno.EPERM.number());
      Daemon.Message message = mailbox.await(1).get(0);
      assertThat(message.text()).isEqualTo("<13>honest");
      assertThat(message.uid()).isEqualTo(65_534);
    }
  }

  @Test
  void relay_floodFromOneImage_anotherStaysServed() throws Exception {
    Mailbox mailbox = new Mailbox();
    AtomicBoolean isOver = new AtomicBoolean();
    AtomicLong flooded = new AtomicLong();
    int number = Dose.of(200, 5_000);
    try (Daemon daemon =
            Daemon.at(
                site.nativeSocket,
                message -> {
                  if (message.text().startsWith("<13>calm")) {
                    mailbox.accept(message);
                  }
                });
        SyslogRelay relay = site.started(site.relay("flood", "calm"));
        Sender calm = Sender.datagrams(site.devLog("calm"))) {
      Thread flood =
          new Thread(
              () -> {
                try (Sender sender = Sender.datagrams(site.devLog("flood"))) {
                  while (!isOver.get()) {
                    sender.send("<13>flood: " + "x".repeat(100));
                    flooded.incrementAndGet();
                  }
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      flood.start();
      for (int i = 1; i <= number; i++) {
        calm.send("<13>calm: " + i);
        mailbox.await(i);
      }
      isOver.set(true);
      flood.join();
      assertThat(flooded.get()).isGreaterThan(number);
    }
  }

  @Test
  void relay_floodWhileTheDaemonIsAway_leavesTheOtherImageItsPart() throws Exception {
    SyslogRelay.Builder builder =
        site.relay("flood", "calm").queueMessages(1000).whenFull(WhenFull.DROP_OLDEST);
    try (SyslogRelay relay = site.started(builder);
        Sender flood = Sender.datagrams(site.devLog("flood"));
        Sender calm = Sender.datagrams(site.devLog("calm"))) {
      for (int i = 0; i < 3000; i++) {
        flood.send("<13>flood: " + i);
      }
      for (int i = 0; i < 250; i++) {
        calm.send("<13>calm: " + i);
      }
      site.await(() -> relay.counters().get(0).received() == 3000, "the flood");
      site.await(() -> relay.counters().get(1).received() == 250, "the others");
      assertThat(relay.counters().get(0).queued()).isEqualTo(750);
      assertThat(relay.counters().get(1).queued()).isEqualTo(250);
      assertThat(relay.counters().get(1).dropped()).isZero();
    }
  }

  @Test
  void relay_thousandsOfConnections_areBoundedAndOthersServed() throws Exception {
    int number = Dose.of(500, 3_000);
    Mailbox mailbox = new Mailbox();
    RelayedImage streams =
        new RelayedImage(
            site.image("s").name(), HostPath.of(site.root("s")), List.of(LogSocket.DEV_LOG_STREAM));
    long before = descriptors();
    List<Sender> held = new ArrayList<>();
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay("calm").image(streams).mostConnections(100));
        Sender calm = Sender.datagrams(site.devLog("calm"))) {
      for (int i = 0; i < number; i++) {
        Sender sender = Sender.stream(site.devLog("s"));
        sender.send("<13>unfinished");
        held.add(sender);
      }
      calm.send("<13>calm: here");
      site.await(() -> relay.counters().get(0).forwarded() == 1, "the other image's message");
      site.await(() -> relay.counters().get(1).connections() == 100, "100 connections");
      assertThat(descriptors()).isLessThan(before + number + 150);
    } finally {
      for (Sender sender : held) {
        sender.close();
      }
    }
  }

  @Test
  void relay_descriptorsSentAlong_areNotKept() throws Exception {
    Mailbox mailbox = new Mailbox();
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay("a"))) {
      long before = descriptors();
      Process sender =
          new ProcessBuilder(
                  "perl",
                  "-MSocket",
                  "-e",
                  // msghdr of sendmsg(2), with SCM_RIGHTS of descriptor 0
                  "socket(S,PF_UNIX,SOCK_DGRAM,0);connect(S,pack_sockaddr_un(shift))||die $!;"
                      + "$t='<13>fd';$v=pack('pQ',$t,length $t);$c=pack('Qlllx4',20,1,1,0);"
                      + "$h=pack('QLx4PQPQQ',0,0,$v,1,$c,20,0);"
                      + "for(1..100){syscall($ARGV[0],fileno(S),$h,0)==6||exit 1}",
                  site.devLog("a").toString(),
                  String.valueOf(SENDMSG))
              .start();
      assertThat(sender.waitFor()).isZero();
      mailbox.await(100);
      assertThat(descriptors()).isLessThan(before + 10); // the pipes to the sender
    }
  }
}
