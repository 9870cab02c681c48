// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.SocketCalls;

/**
 * A stream socket of an image and its connections. For one thread.
 *
 * <p>They are waited for by an epoll of their own, so that an image counts once however many
 * connections it has. At most some are open: one more closes the one that has been silent longest.
 */
final class StreamInlet implements Inlet {
  private static final int AT_A_TIME = 16;
  private static final int SOME_ACCEPTED = 64;

  private final Kernel kernel;
  private final SocketCalls sockets;
  private final EventLoop outer;
  private final EventLoop inner;
  private final ReceiveBuffer receiveBuffer;
  private final ImageFeed feed;
  private final StreamBudget budget;
  private final int most;
  private final int socket;
  // The one that has been silent longest comes first.
  private final Map<Integer, StreamFrames> connections = new LinkedHashMap<>(16, 0.75f, true);
  private boolean isShut;

  StreamInlet(
      Kernel kernel,
      SocketCalls sockets,
      EventLoop outer,
      ReceiveBuffer receiveBuffer,
      ImageFeed feed,
      StreamBudget budget,
      int most,
      int socket)
      throws KernelException {
    this.kernel = kernel;
    this.sockets = sockets;
    this.outer = outer;
    this.receiveBuffer = receiveBuffer;
    this.feed = feed;
    this.budget = budget;
    this.most = most;
    this.socket = socket;
    this.inner = new EventLoop(kernel, sockets, AT_A_TIME);
    inner.add(socket, SocketCalls.EPOLLIN, this::accept);
  }

  @Override
  public void resume() throws KernelException {
    if (!outer.contains(inner.descriptor())) {
      outer.add(inner.descriptor(), SocketCalls.EPOLLIN, () -> inner.await(0));
    }
  }

  @Override
  public void pause() throws KernelException {
    outer.remove(inner.descriptor());
  }

  private void accept() throws KernelException {
    for (int i = 0; i < SOME_ACCEPTED; i++) {
      int connection = sockets.accept(socket);
      if (connection < 0) {
        if (connection == -Errno.EMFILE.number() || connection == -Errno.ENFILE.number()) {
          closeSilent();
        }
        return;
      }
      sockets.setOption(connection, SocketCalls.SO_PASSCRED, 1);
      connections.put(connection, new StreamFrames(feed, budget));
      inner.add(connection, SocketCalls.EPOLLIN, () -> read(connection));
      if (isShut) {
        sockets.shutdownReading(connection);
      } else if (connections.size() > most) {
        closeSilent();
      }
    }
  }

  /** Closes the connection that has been silent longest, after what was sent has been read. */
  private void closeSilent() throws KernelException {
    Iterator<Integer> oldest = connections.keySet().iterator();
    if (oldest.hasNext()) {
      int connection = oldest.next();
      sockets.shutdownReading(connection);
      while (connections.containsKey(connection) && read(connection)) {
        // Its sender gets EPIPE from here on, so this comes to an end.
      }
      feed.tooManyConnections(most);
    }
  }

  /** Reads from a connection once; returns whether there was something. */
  private boolean read(int connection) throws KernelException {
    StreamFrames frames = connections.get(connection);
    if (frames == null || feed.admitted() == 0) {
      return false;
    }
    int received = receiveBuffer.receive(connection, 1);
    if (received == -Errno.EAGAIN.number() || received == -Errno.EINTR.number()) {
      return false;
    }
    int length = received > 0 ? receiveBuffer.length(0) : 0;
    if (length > 0) {
      frames.add(
          receiveBuffer.bytes(),
          receiveBuffer.start(0),
          length,
          receiveBuffer.isFull(0),
          receiveBuffer.pid(0),
          feed.senderStart(receiveBuffer.pid(0), receiveBuffer.sentAt(0)),
          receiveBuffer.uid(0),
          receiveBuffer.gid(0));
      receiveBuffer.reuse(1);
      return true;
    }
    receiveBuffer.reuse(1);
    frames.close();
    end(connection);
    return false;
  }

  private void end(int connection) throws KernelException {
    connections.remove(connection);
    inner.remove(connection);
    kernel.close(connection);
  }

  @Override
  public void shutdown() throws KernelException {
    isShut = true;
    sockets.shutdownReading(socket);
    accept();
    for (int connection : connections.keySet()) {
      sockets.shutdownReading(connection);
    }
  }

  @Override
  public boolean read() throws KernelException {
    if (feed.admitted() == 0) {
      return true;
    }
    accept();
    List<Integer> all = new ArrayList<>(connections.keySet());
    for (int connection : all) {
      if (feed.admitted() > 0) {
        read(connection);
      }
    }
    return !connections.isEmpty();
  }

  @Override
  public int connections() {
    return connections.size();
  }

  @Override
  public void close() {
    try {
      pause();
      for (var connection : List.copyOf(connections.entrySet())) {
        connection.getValue().close();
        end(connection.getKey());
      }
      inner.close();
      kernel.close(socket);
    } catch (KernelException closedAllTheSame) {
      // On Linux the descriptors are gone.
    }
  }
}
