// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.SocketCalls;

/** A datagram socket of an image. For one thread. */
final class DatagramInlet implements Inlet {
  private final Kernel kernel;
  private final SocketCalls sockets;
  private final EventLoop eventLoop;
  private final ReceiveBuffer receiveBuffer;
  private final ImageFeed feed;
  private final int socket;

  DatagramInlet(
      Kernel kernel,
      SocketCalls sockets,
      EventLoop eventLoop,
      ReceiveBuffer receiveBuffer,
      ImageFeed feed,
      int socket) {
    this.kernel = kernel;
    this.sockets = sockets;
    this.eventLoop = eventLoop;
    this.receiveBuffer = receiveBuffer;
    this.feed = feed;
    this.socket = socket;
  }

  @Override
  public void resume() throws KernelException {
    if (!eventLoop.contains(socket)) {
      eventLoop.add(socket, SocketCalls.EPOLLIN, this::read);
    }
  }

  @Override
  public void pause() throws KernelException {
    eventLoop.remove(socket);
  }

  @Override
  public void shutdown() throws KernelException {
    sockets.shutdownReading(socket);
  }

  @Override
  public boolean read() {
    int count = feed.admitted();
    if (count == 0) {
      return true;
    }
    int received = receiveBuffer.receive(socket, count);
    for (int i = 0; i < received; i++) {
      feed.add(
          receiveBuffer.bytes(),
          receiveBuffer.start(i),
          receiveBuffer.length(i),
          receiveBuffer.isTruncated(i),
          receiveBuffer.pid(i),
          feed.senderStart(receiveBuffer.pid(i), receiveBuffer.sentAt(i)),
          receiveBuffer.uid(i),
          receiveBuffer.gid(i));
    }
    receiveBuffer.reuse(received);
    return received > 0 || received == -Errno.EINTR.number();
  }

  @Override
  public int connections() {
    return 0;
  }

  @Override
  public void close() {
    try {
      pause();
      kernel.close(socket);
    } catch (KernelException closedAllTheSame) {
      // On Linux the descriptor is gone.
    }
  }
}
