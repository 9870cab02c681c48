// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.LinuxProcessTable;
import org.syschroot.path.HostPath;
import org.syschroot.syslog.relay.Daemon.Mailbox;
import org.syschroot.syslog.relay.Daemon.Message;
import org.syschroot.testing.RequiresRoot;

/** What the kernel can say to a message instead of taking it. */
@SuppressWarnings("try") // a daemon need only be there
class SendErrorTest {
  private static final Kernel KERNEL = LinuxKernel.running();
  private static final int OWN_PID = (int) ProcessHandle.current().pid();
  private static final int MESSAGES = 200;

  @TempDir Path folder;
  private final FaultySockets sockets = new FaultySockets();
  private final Mailbox mailbox = new Mailbox();
  private Site site;

  @BeforeEach
  void makeSite() throws Exception {
    site = new Site(folder);
  }

  /** Sends some through a relay that meets these errors, and returns what arrived. */
  private List<Message> relayed(Errno... errors) throws Exception {
    RelaySettings settings =
        new RelaySettings(
            HostPath.of(site.nativeSocket),
            List.of(site.image("a")),
            65_536,
            1 << 24,
            WhenFull.BLOCK,
            8192,
            false,
            16,
            Duration.ofSeconds(5),
            Duration.ofMillis(20),
            site.events::add);
    try (Daemon daemon = Daemon.at(site.nativeSocket, mailbox)) {
      RelayLoop loop =
          RelayAssembly.assemble(settings, KERNEL, sockets.calls(), LinuxProcessTable.open());
      loop.begin();
      Thread thread = new Thread(loop);
      thread.start();
      sockets.failSends(errors);
      try (Sender sender = Sender.datagrams(site.devLog("a"))) {
        for (int i = 0; i < MESSAGES; i++) {
          sender.send("<13>x: " + i);
        }
        List<Message> messages = mailbox.await(MESSAGES);
        assertThat(sockets.areMet()).isTrue();
        return messages;
      } finally {
        loop.stop();
        thread.join(30_000);
        assertThat(thread.isAlive()).isFalse();
      }
    }
  }

  private static void assertWholeAndInOrder(List<Message> messages) {
    assertThat(messages)
        .extracting(Message::text)
        .containsExactlyElementsOf(
            IntStream.range(0, MESSAGES).mapToObj(i -> "<13>x: " + i).toList());
  }

  @ParameterizedTest
  @EnumSource(
      value = Errno.class,
      names = {"EAGAIN", "EINTR", "ENOBUFS", "ENOMEM", "ECONNREFUSED", "EPIPE", "ENOTCONN", "EIO"})
  void send_failsForAWhile_everyMessageArrivesInOrder(Errno error) throws Exception {
    List<Message> messages = relayed(error, error, error);
    assertWholeAndInOrder(messages);
    assertThat(messages).extracting(Message::pid).containsOnly(OWN_PID);
    assertThat(site.told(RelayEvent.Kind.FAILED)).isEmpty();
    assertThat(site.told(RelayEvent.Kind.SENDER_NOT_PASSED_ON)).isEmpty();
  }

  @Test
  void send_pidNotAllowed_userIsStillPassedOnAndThatIsToldOnce() throws Exception {
    List<Message> messages = relayed(Errno.EPERM);
    assertWholeAndInOrder(messages);
    assertThat(messages).extracting(Message::uid).containsOnly(uid());
    assertThat(site.told(RelayEvent.Kind.SENDER_NOT_PASSED_ON))
        .containsExactly(
            "cannot forward the process ID of the sender: the relay lacks CAP_SYS_ADMIN");
  }

  @Test
  void send_nothingAllowed_messagesStillArriveAndEachIsToldOnce() throws Exception {
    assertWholeAndInOrder(relayed(Errno.EPERM, Errno.EPERM));
    assertThat(site.told(RelayEvent.Kind.SENDER_NOT_PASSED_ON))
        .containsExactly(
            "cannot forward the process ID of the sender: the relay lacks CAP_SYS_ADMIN",
            "cannot forward user and process ID of the sender: the relay lacks CAP_SETUID and"
                + " CAP_SETGID");
  }

  @Test
  @RequiresRoot
  void send_senderUnknownToTheKernel_onlyThatMessageGoesWithout() throws Exception {
    assertWholeAndInOrder(relayed(Errno.EINVAL, Errno.ESRCH));
    assertThat(site.told(RelayEvent.Kind.SENDER_NOT_PASSED_ON)).isEmpty();
  }

  private static int uid() {
    return LinuxProcessCalls.running().effectiveUid();
  }
}
