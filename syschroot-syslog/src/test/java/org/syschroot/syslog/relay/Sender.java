// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxSocketCalls;
import org.syschroot.kernel.MessageBatch;
import org.syschroot.kernel.NativeMemory;
import org.syschroot.kernel.SocketCalls;
import org.syschroot.path.OsString;

/** A process that logs, as glibc does: it waits while the socket is full, and connects again. */
final class Sender implements AutoCloseable {
  private static final int LONGEST = 1 << 20;
  private static final long PATIENCE = Duration.ofSeconds(60).toNanos();
  private static final SocketCalls SOCKETS = LinuxSocketCalls.running();
  private static final Kernel KERNEL = LinuxKernel.running();

  private final OsString path;
  private final boolean isStream;
  private final MessageBatch batch = new MessageBatch(1);
  private final NativeMemory memory = NativeMemory.map(LONGEST);
  private int socket = -1;

  private Sender(Path path, boolean isStream) throws IOException {
    this.path = OsString.of(path.toString());
    this.isStream = isStream;
    connect();
  }

  static Sender datagrams(Path path) throws IOException {
    return new Sender(path, false);
  }

  static Sender stream(Path path) throws IOException {
    return new Sender(path, true);
  }

  private void connect() throws IOException {
    long end = System.nanoTime() + PATIENCE;
    while (true) {
      if (socket >= 0) {
        KERNEL.close(socket);
      }
      socket = isStream ? SOCKETS.streamSocket() : SOCKETS.datagramSocket();
      try {
        SOCKETS.setOption(socket, SocketCalls.SO_SNDBUFFORCE, 4 << 20);
        SOCKETS.connect(socket, path);
        return;
      } catch (KernelException e) {
        if (System.nanoTime() - end > 0) {
          throw e;
        }
        Thread.onSpinWait();
      }
    }
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends a message, however long it takes. */
  void send(byte[] bytes) throws IOException {
    byte[] left = bytes;
    do {
      sendSome(left);
      left = Arrays.copyOfRange(left, isStream ? batch.length(0) : left.length, left.length);
    } while (left.length > 0);
  }

  private void sendSome(byte[] bytes) throws IOException {
    int error = trySend(bytes);
    while (error != 0) {
      if (error == Errno.EAGAIN.number()) {
        awaitRoom();
      } else {
        connect();
      }
      error = trySend(bytes);
    }
  }

  /** Sends a message if that is possible at once; returns the errno, 0 for none. */
  int trySend(byte[] bytes) {
    memory.bytes().put(0, bytes);
    batch.begin(0);
    batch.addPiece(0, memory.address(), bytes.length);
    int sent = SOCKETS.send(socket, batch, 0, 1);
    return sent == 1 ? 0 : -sent;
  }

  /** Sends in the name of another process; returns the errno, 0 for none. */
  int forge(byte[] bytes, int pid, int uid, int gid) {
    memory.bytes().put(0, bytes);
    batch.begin(0);
    batch.addPiece(0, memory.address(), bytes.length);
    batch.setSender(0, pid, uid, gid);
    int sent = SOCKETS.send(socket, batch, 0, 1);
    return sent == 1 ? 0 : -sent;
  }

  private void awaitRoom() throws IOException {
    try (EventLoop eventLoop = new EventLoop(KERNEL, SOCKETS, 1)) {
      eventLoop.add(socket, SocketCalls.EPOLLOUT, () -> {});
      eventLoop.await(1000);
    }
  }

  @Override
  public void close() throws IOException {
    KERNEL.close(socket);
    batch.close();
    memory.close();
  }
}
