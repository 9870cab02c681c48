// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.syschroot.path.OsString;

/** Two datagram sockets of the running kernel, and batches between them. */
class LinuxSocketCallsTest {
  private static final int SLOT = 64;
  private static final int MOST = 4;

  @TempDir Path folder;
  private final SocketCalls sockets = LinuxSocketCalls.running();
  private final Kernel kernel = LinuxKernel.running();
  private final NativeMemory out = NativeMemory.map(SLOT);
  private final NativeMemory in = NativeMemory.map(MOST * SLOT);
  private final MessageBatch sent = new MessageBatch(MOST);
  private final MessageBatch received = new MessageBatch(MOST);
  private int receiver;
  private int sender;

  LinuxSocketCallsTest() throws KernelException {}

  @BeforeEach
  void open() throws KernelException {
    receiver = sockets.datagramSocket();
    sender = sockets.datagramSocket();
    sockets.bind(receiver, path());
    for (int i = 0; i < MOST; i++) {
      received.addPiece(i, in.address() + i * SLOT, SLOT);
      received.expect(i);
    }
  }

  @AfterEach
  void close() throws KernelException {
    kernel.close(receiver);
    kernel.close(sender);
    sent.close();
    received.close();
    out.close();
    in.close();
  }

  private OsString path() {
    return OsString.of(folder.resolve("socket").toString());
  }

  /** Puts words into the memory, each a message or, together, one of several pieces. */
  private void write(boolean asOne, String... words) {
    int at = 0;
    for (int i = 0; i < words.length; i++) {
      byte[] bytes = words[i].getBytes(StandardCharsets.US_ASCII);
      out.bytes().put(at, bytes);
      if (i == 0 || !asOne) {
        sent.begin(i);
      }
      sent.addPiece(asOne ? 0 : i, out.address() + at, bytes.length);
      at += bytes.length;
    }
  }

  private String text(int index) {
    byte[] bytes = new byte[Math.min(SLOT, received.length(index))];
    in.bytes().get(index * SLOT, bytes);
    return new String(bytes, StandardCharsets.US_ASCII);
  }

  @Test
  void send_severalMessages_areReceivedByOneCall() throws KernelException {
    sockets.connect(sender, path());
    write(false, "one", "", "three");
    assertThat(sockets.send(sender, sent, 0, 3)).isEqualTo(3);
    assertThat(sockets.receive(receiver, received, MOST)).isEqualTo(3);
    assertThat(new String[] {text(0), text(1), text(2)}).containsExactly("one", "", "three");
    assertThat(received.hasSender(0)).isFalse();
    assertThat(received.isTruncated(0)).isFalse();
  }

  @Test
  void send_severalPieces_areOneMessage() throws KernelException {
    sockets.connect(sender, path());
    write(true, "a", "bc", "def");
    assertThat(sockets.send(sender, sent, 0, 1)).isEqualTo(1);
    assertThat(sockets.receive(receiver, received, MOST)).isEqualTo(1);
    assertThat(text(0)).isEqualTo("abcdef");
  }

  @Test
  void receive_passingCredentials_tellsWhoSent() throws KernelException {
    sockets.setOption(receiver, SocketCalls.SO_PASSCRED, 1);
    sockets.connect(sender, path());
    write(false, "who");
    assertThat(sockets.send(sender, sent, 0, 1)).isEqualTo(1);
    assertThat(sockets.receive(receiver, received, MOST)).isEqualTo(1);
    assertThat(received.hasSender(0)).isTrue();
    assertThat(received.pid(0)).isEqualTo((int) ProcessHandle.current().pid());
    assertThat(received.uid(0)).isEqualTo(LinuxProcessCalls.running().effectiveUid());
  }

  @Test
  void send_inTheNameOfNoProcess_isRefused() throws KernelException {
    sockets.connect(sender, path());
    write(false, "forged");
    sent.setSender(0, Integer.MAX_VALUE, 0, 0);
    boolean isRoot = LinuxProcessCalls.running().effectiveUid() == 0;
    Errno expected = isRoot ? Errno.ESRCH : Errno.EPERM;
    assertThat(sockets.send(sender, sent, 0, 1)).isEqualTo(-expected.number());
  }

  @Test
  void receive_longerThanTheRoom_isTruncated() throws KernelException {
    sockets.connect(sender, path());
    write(true, "x".repeat(SLOT));
    sent.addPiece(0, out.address(), 1);
    assertThat(sockets.send(sender, sent, 0, 1)).isEqualTo(1);
    assertThat(sockets.receive(receiver, received, MOST)).isEqualTo(1);
    assertThat(received.isTruncated(0)).isTrue();
  }

  @Test
  void receive_nothingThere_isEagain() {
    assertThat(sockets.receive(receiver, received, MOST)).isEqualTo(-Errno.EAGAIN.number());
  }

  @Test
  void connect_nobodyListens_saysWhere() throws Exception {
    OsString stale = OsString.of(folder.resolve("stale").toString());
    int other = sockets.datagramSocket();
    sockets.bind(other, stale);
    kernel.close(other);
    assertThat(Files.exists(folder.resolve("stale"))).isTrue();
    assertThatThrownBy(() -> sockets.connect(sender, stale))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("connect(path=" + stale + "): ECONNREFUSED");
  }

  @Test
  void bind_longPath_isRefusedBeforeTheKernelCutsIt() {
    OsString path = OsString.of("/" + "x".repeat(107));
    assertThatThrownBy(() -> sockets.bind(sender, path))
        .isInstanceOf(KernelException.class)
        .hasMessageContaining("ENAMETOOLONG");
  }

  @Test
  void epollWait_eventRaisedAndCleared_isReadyOnce() throws KernelException {
    int epoll = sockets.epollCreate();
    int event = sockets.eventDescriptor();
    try (ReadyBatch batch = new ReadyBatch(2)) {
      sockets.epollAdd(epoll, event, SocketCalls.EPOLLIN);
      assertThat(sockets.epollWait(epoll, batch, 0)).isZero();
      sockets.raiseEvent(event);
      assertThat(sockets.epollWait(epoll, batch, -1)).isEqualTo(1);
      assertThat(batch.descriptor(0)).isEqualTo(event);
      sockets.clearEvent(event);
      assertThat(sockets.epollWait(epoll, batch, 0)).isZero();
    } finally {
      kernel.close(event);
      kernel.close(epoll);
    }
  }

  @Test
  void receive_timed_saysWhenAndFromWhomItWasSentAndNoMore() throws Exception {
    sockets.setOption(receiver, SocketCalls.SO_PASSCRED, 1);
    sockets.setOption(receiver, SocketCalls.SO_TIMESTAMPNS, 1);
    sockets.connect(sender, path());
    try (MessageBatch timed = MessageBatch.timed(MOST);
        ProcessTable clocks = LinuxProcessTable.open()) {
      for (int i = 0; i < MOST; i++) {
        timed.addPiece(i, in.address() + i * SLOT, SLOT);
        timed.expect(i);
      }
      write(false, "one", "two");
      long before = clocks.sinceEpoch();
      assertThat(sockets.send(sender, sent, 0, 2)).isEqualTo(2);
      long after = clocks.sinceEpoch();
      assertThat(sockets.receive(receiver, timed, MOST)).isEqualTo(2);
      for (int i = 0; i < 2; i++) {
        assertThat(timed.sentAt(i)).isBetween(before, after);
        assertThat(timed.hasSender(i)).isTrue();
        assertThat(timed.pid(i)).isEqualTo((int) ProcessHandle.current().pid());
        assertThat(timed.uid(i)).isEqualTo(LinuxProcessCalls.running().effectiveUid());
      }
    }
    assertThat(received.sentAt(0)).isEqualTo(MessageBatch.NO_TIME);
  }
}
