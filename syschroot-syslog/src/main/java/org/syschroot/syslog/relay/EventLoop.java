// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.ReadyBatch;
import org.syschroot.kernel.SocketCalls;

/** Waits for descriptors and calls those who wait for them. For one thread. */
final class EventLoop implements AutoCloseable {
  /** Who waits for a descriptor. */
  @FunctionalInterface
  interface Ready {
    /** The descriptor is ready. */
    void ready() throws KernelException;
  }

  private final Kernel kernel;
  private final SocketCalls sockets;
  private final int epoll;
  private final ReadyBatch batch;
  private final Map<Integer, Ready> waiting = new HashMap<>();

  /**
   * Makes it.
   *
   * @param most how many are called at a time
   */
  EventLoop(Kernel kernel, SocketCalls sockets, int most) throws KernelException {
    this.kernel = kernel;
    this.sockets = sockets;
    this.batch = new ReadyBatch(most);
    this.epoll = sockets.epollCreate();
  }

  int descriptor() {
    return epoll;
  }

  void add(int fd, int events, Ready who) throws KernelException {
    sockets.epollAdd(epoll, fd, events);
    waiting.put(fd, who);
  }

  void modify(int fd, int events) throws KernelException {
    sockets.epollModify(epoll, fd, events);
  }

  void remove(int fd) throws KernelException {
    if (waiting.remove(fd) != null) {
      sockets.epollRemove(epoll, fd);
    }
  }

  /** Notes that a descriptor was closed, which ended the wait for it. */
  void forget(int fd) {
    waiting.remove(fd);
  }

  boolean contains(int fd) {
    return waiting.containsKey(fd);
  }

  /** Waits up to some milliseconds, -1 for ever, and calls those whose descriptors are ready. */
  void await(int milliseconds) throws KernelException {
    int count = sockets.epollWait(epoll, batch, milliseconds);
    for (int i = 0; i < count; i++) {
      // One that was called before may have ended the wait of this one.
      @Nullable Ready who = waiting.get(batch.descriptor(i));
      if (who != null) {
        who.ready();
      }
    }
  }

  @Override
  public void close() {
    batch.close();
    try {
      kernel.close(epoll);
    } catch (KernelException closedAllTheSame) {
      // On Linux the descriptor is gone, and nothing was written through it.
    }
  }
}
