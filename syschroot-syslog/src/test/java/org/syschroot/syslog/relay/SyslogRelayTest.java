// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.syslog.relay.Daemon.Mailbox;
import org.syschroot.syslog.relay.Daemon.Message;

@SuppressWarnings("try") // a daemon need only be there
class SyslogRelayTest {
  private static final int OWN_PID = (int) ProcessHandle.current().pid();

  @TempDir Path folder;
  private Site site;
  private final Mailbox mailbox = new Mailbox();

  @BeforeEach
  void makeSite() throws IOException {
    site = new Site(folder);
  }

  private static List<String> texts(List<Message> messages) {
    return messages.stream().map(Message::text).toList();
  }

  private static RelayCounters only(SyslogRelay relay) {
    return relay.counters().get(0);
  }

  @Test
  void relay_everyByte_arrivesUnchanged() throws Exception {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay("a"));
        Sender sender = Sender.datagrams(site.devLog("a"))) {
      sender.send(all);
      assertThat(mailbox.await(1).get(0).bytes()).isEqualTo(all);
      assertThat(only(relay).truncated()).isZero();
    }
  }

  @Test
  void relay_everySizeUpToTheLimit_arrivesWhole() throws Exception {
    int longest = 212_960;
    int[] sizes =
        IntStream.concat(
                IntStream.concat(IntStream.rangeClosed(0, 2100), IntStream.of(4095, 4096, 4097)),
                IntStream.concat(
                    IntStream.iterate(8191, n -> n < longest, n -> n + 12_345),
                    IntStream.of(longest - 1, longest)))
            .toArray();
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay("a"));
        Sender sender = Sender.datagrams(site.devLog("a"))) {
      for (int size : sizes) {
        sender.send(pattern(size));
      }
      List<Message> messages = mailbox.await(sizes.length);
      for (int i = 0; i < sizes.length; i++) {
        assertThat(messages.get(i).bytes()).isEqualTo(pattern(sizes[i]));
      }
      assertThat(only(relay).truncated()).isZero();
    }
  }

  private static byte[] pattern(int size) {
    byte[] bytes = new byte[size];
    for (int i = 0; i < size; i++) {
      bytes[i] = (byte) (i * 31 + size);
    }
    return bytes;
  }

  @Test
  void relay_longerThanTheLimit_isCutOffAndCounted() throws Exception {
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay("a").longestMessage(1024));
        Sender sender = Sender.datagrams(site.devLog("a"))) {
      sender.send("x".repeat(1025));
      sender.send("y".repeat(1024));
      assertThat(texts(mailbox.await(2))).containsExactly("x".repeat(1024), "y".repeat(1024));
      site.await(() -> only(relay).forwarded() == 2, "both");
      assertThat(only(relay).truncated()).isEqualTo(1);
    }
  }

  @Test
  void relay_sender_isTheOneThatTheDaemonSees() throws Exception {
    int uid = LinuxProcessCalls.running().effectiveUid();
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay("a"))) {
      Process other =
          new ProcessBuilder(
                  "perl",
                  "-MSocket",
                  "-e",
                  "socket(S,PF_UNIX,SOCK_DGRAM,0);connect(S,pack_sockaddr_un(shift))||die $!;"
                      + "send(S,'<13>x: '.$$,0);<STDIN>",
                  site.devLog("a").toString())
              .start();
      Message message = mailbox.await(1).get(0);
      other.getOutputStream().close();
      assertThat(other.waitFor()).isZero();
      assertThat(message.text()).isEqualTo("<13>x: " + other.pid());
      assertThat(message.pid())
          .isEqualTo(uid == 0 ? (int) other.pid() : OWN_PID)
          .isNotEqualTo(uid == 0 ? OWN_PID : 0);
      assertThat(message.uid()).isEqualTo(uid);
      assertThat(site.told(RelayEvent.Kind.SENDER_NOT_PASSED_ON)).hasSize(uid == 0 ? 0 : 1);
    }
  }

  @Test
  void relay_senderGone_messageCarriesUserAndThatIsToldOnce() throws Exception {
    try (SyslogRelay relay = site.started(site.relay("a"))) {
      for (int i = 0; i < 3; i++) {
        sendAndEnd("<13>x: " + i);
      }
      site.await(() -> only(relay).queued() == 3, "three in the queue");
      try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox)) {
        List<Message> messages = mailbox.await(3);
        assertThat(texts(messages)).containsExactly("<13>x: 0", "<13>x: 1", "<13>x: 2");
        assertThat(messages).extracting(Message::pid).containsOnly(OWN_PID);
        site.await(() -> only(relay).withoutSender() == 3, "three without sender");
      }
      assertThat(
              site.told(RelayEvent.Kind.SENDER_GONE).size()
                  + site.told(RelayEvent.Kind.SENDER_NOT_PASSED_ON).size())
          .isEqualTo(1);
    }
  }

  private void sendAndEnd(String text) throws Exception {
    Process process =
        new ProcessBuilder(
                "perl",
                "-MSocket",
                "-e",
                "socket(S,PF_UNIX,SOCK_DGRAM,0);connect(S,pack_sockaddr_un($ARGV[0]))||die $!;"
                    + "send(S,$ARGV[1],0)",
                site.devLog("a").toString(),
                text)
            .start();
    assertThat(process.waitFor()).isZero();
  }

  @Test
  void relay_socket_isForEverybodyToWriteTo() throws Exception {
    try (SyslogRelay relay = site.started(site.relay("a"))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(site.devLog("a"))))
          .isEqualTo("rw-rw-rw-");
      try (var entries = Files.list(site.root("a").resolve("dev"))) {
        assertThat(entries).containsExactly(site.devLog("a"));
      }
      assertThat(only(relay).serving()).isEqualTo(1);
    }
    assertThat(site.devLog("a")).doesNotExist();
  }

  @Test
  void relay_missingDirectory_isMade() throws Exception {
    RelayedImage image =
        new RelayedImage(
            new ImageName("a"),
            HostPath.of(Files.createDirectories(site.root("a"))),
            List.of(
                new LogSocket(
                    ImagePath.of("/run/systemd/journal/dev-log"), LogSocket.Type.DATAGRAM)));
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay().image(image));
        Sender sender = Sender.datagrams(site.root("a").resolve("run/systemd/journal/dev-log"))) {
      sender.send("<13>x: y");
      assertThat(texts(mailbox.await(1))).containsExactly("<13>x: y");
    }
  }

  @Test
  void relay_daemonAway_messagesWaitInOrder() throws Exception {
    List<String> sent = IntStream.range(0, 1000).mapToObj(i -> "<13>x: " + i).toList();
    try (SyslogRelay relay = site.started(site.relay("a"));
        Sender sender = Sender.datagrams(site.devLog("a"))) {
      for (String text : sent) {
        sender.send(text);
      }
      site.await(() -> only(relay).queued() == sent.size(), "all in the queue");
      assertThat(site.told(RelayEvent.Kind.AWAY)).hasSize(1);
      try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox)) {
        assertThat(texts(mailbox.await(sent.size()))).isEqualTo(sent);
      }
      site.await(() -> only(relay).queued() == 0, "an empty queue");
      assertThat(only(relay).forwarded()).isEqualTo(sent.size());
    }
  }

  @Test
  void relay_daemonReplacedWhileTheOldOneLives_newOneIsUsed() throws Exception {
    Mailbox old = new Mailbox();
    try (Daemon first = Daemon.at(site.nativeSocket, old);
        SyslogRelay relay = site.started(site.relay("a"));
        Sender sender = Sender.datagrams(site.devLog("a"))) {
      sender.send("<13>x: old");
      old.await(1);
      try (Daemon second = Daemon.at(site.nativeSocket, mailbox)) {
        site.await(() -> only(relay).reconnects() == 1, "a reconnect");
        sender.send("<13>x: new");
        assertThat(texts(mailbox.await(1))).containsExactly("<13>x: new");
        assertThat(old.count()).isEqualTo(1);
      }
    }
  }

  @Test
  void block_queueFull_sendersWaitAndNothingIsLost() throws Exception {
    SyslogRelay.Builder builder = site.relay("a").queueMessages(100);
    try (SyslogRelay relay = site.started(builder);
        Sender sender = Sender.datagrams(site.devLog("a"))) {
      int sent = 0;
      while (sender.trySend(text(sent)) == 0) {
        sent++;
        int now = sent;
        site.await(
            () -> only(relay).received() == now || only(relay).queued() >= 100, "it to be read");
      }
      assertThat(only(relay).queued()).isEqualTo(100);
      assertThat(site.told(RelayEvent.Kind.QUEUE_FULL)).hasSize(1);
      try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox)) {
        List<Message> messages = mailbox.await(sent);
        for (int i = 0; i < sent; i++) {
          assertThat(messages.get(i).bytes()).isEqualTo(text(i));
        }
      }
      assertThat(only(relay).dropped()).isZero();
    }
  }

  private static byte[] text(int number) {
    return ("<13>x: " + number).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
  }

  @Test
  void dropOldest_queueFull_numberDroppedIsReportedFirst() throws Exception {
    SyslogRelay.Builder builder = site.relay("a").queueMessages(100).whenFull(WhenFull.DROP_OLDEST);
    try (SyslogRelay relay = site.started(builder);
        Sender sender = Sender.datagrams(site.devLog("a"))) {
      for (int i = 0; i < 1000; i++) {
        sender.send(text(i));
      }
      site.await(() -> only(relay).received() == 1000, "all to be read");
      RelayCounters full = only(relay);
      assertThat(full.queued()).isEqualTo(100);
      assertThat(full.dropped()).isEqualTo(900);
      try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox)) {
        List<Message> messages = mailbox.await(101);
        assertThat(messages.get(0).text())
            .matches(
                "<44>[A-Z][a-z]{2} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d syschroot\\["
                    + OWN_PID
                    + "\\]: image a: 900 messages dropped, the queue was full");
        for (int i = 0; i < 100; i++) {
          assertThat(messages.get(i + 1).bytes()).isEqualTo(text(900 + i));
        }
      }
      assertThat(site.told(RelayEvent.Kind.DROPPED)).hasSize(1);
    }
  }

  @Test
  void dropOldest_bytesFull_newestAreKept() throws Exception {
    SyslogRelay.Builder builder =
        site.relay("a").queueBytes(100_000).whenFull(WhenFull.DROP_OLDEST);
    try (SyslogRelay relay = site.started(builder);
        Sender sender = Sender.datagrams(site.devLog("a"))) {
      for (int i = 0; i < 100; i++) {
        sender.send(("<13>x: " + i + " ").repeat(500));
      }
      site.await(() -> only(relay).received() == 100, "all to be read");
      RelayCounters full = only(relay);
      assertThat(full.queuedBytes()).isBetween(90_000L, 100_000L);
      assertThat(full.queued() + full.dropped()).isEqualTo(100);
      try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox)) {
        List<Message> messages = mailbox.await((int) full.queued() + 1);
        assertThat(messages.get(messages.size() - 1).text()).startsWith("<13>x: 99 ");
      }
    }
  }

  @Test
  void close_messagesSentBefore_areFlushed() throws Exception {
    Daemon daemon = Daemon.asleepAt(site.nativeSocket, mailbox);
    SyslogRelay relay = site.started(site.relay("a"));
    try (Sender sender = Sender.datagrams(site.devLog("a"))) {
      for (int i = 0; i < 2000; i++) {
        sender.send(text(i));
      }
      daemon.read();
      relay.close();
      assertThat(sender.trySend(text(0))).isNotZero();
    }
    assertThat(mailbox.await(2000).get(1999).bytes()).isEqualTo(text(1999));
    assertThat(only(relay).forwarded()).isEqualTo(2000);
    assertThat(relay.isRunning()).isFalse();
    daemon.close();
  }

  @Test
  void close_daemonAway_whatIsLeftIsCountedAndTold() throws Exception {
    SyslogRelay relay = site.started(site.relay("a").flushTime(Duration.ofMillis(50)));
    try (Sender sender = Sender.datagrams(site.devLog("a"))) {
      sender.send("<13>x: y");
    }
    relay.close();
    relay.close();
    assertThat(only(relay).received()).isEqualTo(1);
    assertThat(only(relay).dropped()).isEqualTo(1);
    assertThat(only(relay).queued()).isZero();
    assertThat(site.told(RelayEvent.Kind.NOT_FLUSHED)).hasSize(1);
  }

  @Test
  void relay_socketDeleted_isMadeAnewAndNothingIsLost() throws Exception {
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay("a"));
        Sender sender = Sender.datagrams(site.devLog("a"))) {
      for (int round = 0; round < 20; round++) {
        Files.delete(site.devLog("a"));
        sender.send("<13>x: to the old one");
        int expected = round + 2;
        site.await(() -> site.told(RelayEvent.Kind.SERVING).size() == expected, "a new socket");
        sender.send("<13>x: to the new one");
      }
      assertThat(texts(mailbox.await(40))).hasSize(40);
    }
  }

  @Test
  void relay_tagged_imageIsInTheTag() throws Exception {
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay("a").tagWithImageName(true));
        Sender sender = Sender.datagrams(site.devLog("a"))) {
      sender.send("<13>Nov 24 12:00:00 sshd[42]: hello");
      sender.send("");
      assertThat(texts(mailbox.await(2)))
          .containsExactly("<13>Nov 24 12:00:00 sshd/a[42]: hello", "");
    }
  }

  @Test
  void counters_always_addUp() throws Exception {
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay("a", "b"));
        Sender sender = Sender.datagrams(site.devLog("b"))) {
      for (int i = 0; i < 500; i++) {
        sender.send(text(i));
      }
      mailbox.await(500);
      site.await(() -> relay.counters().get(1).forwarded() == 500, "all to be counted");
      assertThat(relay.counters().get(1).received()).isEqualTo(500);
      assertThat(only(relay).received()).isZero();
      assertThat(relay.sinceLastTurn()).isLessThan(Duration.ofSeconds(20));
    }
  }

  @Test
  void relay_messagesOneByOne_makeNoGarbage() throws Exception {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int number = 3000;
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(site.relay("a").checkInterval(Duration.ofHours(1)));
        Sender sender = Sender.datagrams(site.devLog("a"))) {
      long thread = relayThread().getId();
      sendOneByOne(sender, 1, 100); // what is made once
      long before = threads.getThreadAllocatedBytes(thread);
      sendOneByOne(sender, 101, 100 + number);
      long made = threads.getThreadAllocatedBytes(thread) - before;
      assertThat(before).as("measured").isNotNegative();
      assertThat(made / number).as("bytes of garbage a message").isLessThan(16);
      assertThat(only(relay).truncated()).isZero();
    }
  }

  private static Thread relayThread() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("syslog-relay"))
        .findFirst()
        .orElseThrow();
  }

  private void sendOneByOne(Sender sender, int first, int last) throws Exception {
    for (int i = first; i <= last; i++) {
      sender.send(text(i));
      mailbox.await(i);
    }
  }
}
