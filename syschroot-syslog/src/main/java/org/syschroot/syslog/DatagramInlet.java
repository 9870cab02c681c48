// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog;

import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.SocketCalls;

/** A datagram socket of an image. For one thread. */
final class DatagramInlet implements Inlet {
  private final Kernel kernel;
  private final SocketCalls sockets;
  private final Waiter waiter;
  private final Reception reception;
  private final ImageFeed feed;
  private final int socket;

  DatagramInlet(
      Kernel kernel,
      SocketCalls sockets,
      Waiter waiter,
      Reception reception,
      ImageFeed feed,
      int socket) {
    this.kernel = kernel;
    this.sockets = sockets;
    this.waiter = waiter;
    this.reception = reception;
    this.feed = feed;
    this.socket = socket;
  }

  @Override
  public void resume() throws KernelException {
    if (!waiter.contains(socket)) {
      waiter.add(socket, SocketCalls.EPOLLIN, this::read);
    }
  }

  @Override
  public void pause() throws KernelException {
    waiter.remove(socket);
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
    int received = reception.receive(socket, count);
    for (int i = 0; i < received; i++) {
      feed.add(
          reception.bytes(),
          reception.start(i),
          reception.length(i),
          reception.isTruncated(i),
          reception.pid(i),
          feed.senderStart(reception.pid(i), reception.sentAt(i)),
          reception.uid(i),
          reception.gid(i));
    }
    reception.reuse(received);
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
