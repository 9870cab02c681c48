// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.image.ImageName;
import org.syschroot.kernel.Errno;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.syslog.relay.Daemon.Mailbox;
import org.syschroot.syslog.relay.Daemon.Message;

@SuppressWarnings("try") // a daemon need only be there
class StreamTest {
  @TempDir Path folder;
  private Site site;
  private final Mailbox mailbox = new Mailbox();

  @BeforeEach
  void makeSite() throws IOException {
    site = new Site(folder);
  }

  private SyslogRelay.Builder streams(LogSocket... sockets) throws IOException {
    site.image("a");
    RelayedImage image =
        new RelayedImage(new ImageName("a"), HostPath.of(site.root("a")), List.of(sockets));
    return site.relay().image(image);
  }

  private List<String> relayed(int number, String... writes) throws Exception {
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(streams(LogSocket.DEV_LOG_STREAM))) {
      try (Sender sender = Sender.stream(site.devLog("a"))) {
        for (String write : writes) {
          sender.send(write);
        }
      }
      return mailbox.await(number).stream().map(Message::text).toList();
    }
  }

  @Test
  void stream_nulTerminated_newlinesStayInTheMessage() throws Exception {
    assertThat(relayed(3, "<13>a\nb\0", "<13>c\n\0<13>d\0"))
        .containsExactly("<13>a\nb", "<13>c\n", "<13>d");
  }

  @Test
  void stream_lines_areMessages() throws Exception {
    assertThat(relayed(4, "<13>a\n<13>b\n", "<13>c\n\n\nd"))
        .containsExactly("<13>a", "<13>b", "<13>c", "d");
  }

  @Test
  void stream_octetCounting_messagesContainAnything() throws Exception {
    assertThat(relayed(3, "8 <13>a\nb\n7 <13>c\0d\n10 <13>end\n12"))
        .containsExactly("<13>a\nb\n", "<13>c\0d", "<13>end\n12");
  }

  @Test
  void stream_octetCountingInPieces_isPutTogether() throws Exception {
    String longOne = "<13>" + "x".repeat(100_000);
    // One byte in a read at the beginning, and the end of one message with the count of the next.
    assertThat(relayed(3, "8", " ", "<13>", "abcd100", "004 " + longOne, "6 <13", ">ef"))
        .containsExactly("<13>abcd", longOne, "<13>ef");
  }

  @Test
  void stream_numberThatIsNoCount_isALine() throws Exception {
    assertThat(relayed(3, "12 monkeys\n", "08 <13>a\n", "7\n"))
        .containsExactly("12 monkeys", "08 <13>a", "7");
  }

  @Test
  void stream_numberOnlyBeforeTheClose_isALine() throws Exception {
    assertThat(relayed(1, "42")).containsExactly("42");
  }

  @Test
  void stream_afterAWrongCount_theRestIsLines() throws Exception {
    assertThat(relayed(3, "5 <13>ax<13>b\n<13>c\n")).containsExactly("<13>a", "x<13>b", "<13>c");
  }

  @Test
  void stream_messageInPieces_isPutTogether() throws Exception {
    String longOne = "<13>a line\nand another " + "x".repeat(100_000);
    assertThat(relayed(2, longOne + "\0<13>e", "nd\0")).containsExactly(longOne, "<13>end");
  }

  @Test
  void stream_longerThanTheLimit_isCutOffAndTheNextIsWhole() throws Exception {
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(streams(LogSocket.DEV_LOG_STREAM).longestMessage(1024));
        Sender sender = Sender.stream(site.devLog("a"))) {
      sender.send("x".repeat(100_000) + "\0<13>y\0");
      assertThat(mailbox.await(2).stream().map(Message::text))
          .containsExactly("x".repeat(1024), "<13>y");
      site.await(() -> relay.counters().get(0).truncated() == 1, "one truncated");
    }
  }

  @Test
  void stream_besideDatagrams_bothAreServed() throws Exception {
    LogSocket second = new LogSocket(ImagePath.of("/dev/log.stream"), LogSocket.Type.STREAM);
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(streams(LogSocket.DEV_LOG, second));
        Sender datagrams = Sender.datagrams(site.devLog("a"));
        Sender stream = Sender.stream(site.root("a").resolve("dev/log.stream"))) {
      datagrams.send("<13>d: 1");
      mailbox.await(1);
      stream.send("<13>s: 2\0");
      List<Message> messages = mailbox.await(2);
      assertThat(messages).extracting(Message::text).containsExactly("<13>d: 1", "<13>s: 2");
      assertThat(messages)
          .extracting(Message::pid)
          .containsOnly((int) ProcessHandle.current().pid());
    }
  }

  @Test
  void stream_manyConnections_mostSilentIsClosedAndNothingIsLost() throws Exception {
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        SyslogRelay relay = site.started(streams(LogSocket.DEV_LOG_STREAM).mostConnections(50))) {
      List<Sender> held = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        Sender sender = Sender.stream(site.devLog("a"));
        sender.send("<13>s: " + i + "\0");
        held.add(sender);
      }
      mailbox.await(200);
      site.await(() -> relay.counters().get(0).connections() == 50, "50 connections");
      assertThat(held.get(0).trySend("<13>x\0".getBytes(StandardCharsets.US_ASCII)))
          .isEqualTo(Errno.EPIPE.number());
      held.get(0).send("<13>again\0");
      assertThat(mailbox.await(201).get(200).text()).isEqualTo("<13>again");
      assertThat(site.told(RelayEvent.Kind.TOO_MANY_CONNECTIONS)).hasSize(1);
      for (Sender sender : held) {
        sender.close();
      }
    }
  }

  @Test
  void stream_close_whatWasWrittenIsFlushed() throws Exception {
    SyslogRelay relay = site.started(streams(LogSocket.DEV_LOG_STREAM));
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox);
        Sender sender = Sender.stream(site.devLog("a"))) {
      for (int i = 0; i < 1000; i++) {
        sender.send("<13>s: " + i + "\0");
      }
      sender.send("<13>unfinished");
      relay.close();
      List<Message> messages = mailbox.await(1001);
      assertThat(messages.get(999).text()).isEqualTo("<13>s: 999");
      assertThat(messages.get(1000).text()).isEqualTo("<13>unfinished");
    }
  }
}
