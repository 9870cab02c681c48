// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.SocketCalls;
import org.syschroot.path.OsString;

/**
 * The connection to the native daemon's socket: opened when it is needed, closed when it leads
 * nowhere any more, tried again at intervals that grow with the time it has been away. For one
 * thread, but for the number of reconnects and {@link #isCheckDue}.
 */
final class NativeLink implements AutoCloseable {
  /** The descriptor while there is no connection. */
  static final int NONE = -1;

  private static final int WANTED_BUFFER = 4 << 20;
  private static final int RESERVED = 32; // of the send buffer, net/unix/af_unix.c
  private static final int LONGEST_PATH = 107;
  private static final long SHORTEST_WAIT = 10_000_000L;
  private static final long LONGEST_WAIT = 500_000_000L;
  private static final int PART_OF_ABSENCE = 10;
  private static final OsString LINKS = OsString.of("/proc/thread-self/fd/");

  private final Kernel kernel;
  private final SocketCalls sockets;
  private final Reporter reporter;
  private final NativeFile file;
  private final Predicate<FileStatus> isOurs;
  private final Counter reconnects = new Counter();
  private int socket = NONE;
  private volatile @Nullable FileStatus connectedTo;
  private int longest;
  private boolean wasConnected;
  private long awaySince;
  private long nextAttempt;

  /**
   * Makes it, without a connection.
   *
   * @param isOurs whether a file is a socket of the relay itself
   */
  NativeLink(
      Kernel kernel,
      SocketCalls sockets,
      Reporter reporter,
      NativeFile file,
      Predicate<FileStatus> isOurs) {
    this.kernel = kernel;
    this.sockets = sockets;
    this.reporter = reporter;
    this.file = file;
    this.isOurs = isOurs;
    this.awaySince = System.nanoTime();
    this.nextAttempt = awaySince;
  }

  /** Returns the connected socket, or {@link #NONE}. */
  int socket() {
    return socket;
  }

  /** Returns how long a message may be, in bytes. */
  int longest() {
    return longest;
  }

  long reconnects() {
    return reconnects.get();
  }

  /** Returns when it is to be tried next, as {@link System#nanoTime()}. */
  long nextAttempt() {
    return nextAttempt;
  }

  /** Connects if it is time to; returns whether there is a connection. */
  boolean connect(long now) {
    if (socket != NONE) {
      return true;
    }
    if (now - nextAttempt < 0) {
      return false;
    }
    long wait = (now - awaySince) / PART_OF_ABSENCE;
    nextAttempt = now + Math.min(LONGEST_WAIT, Math.max(SHORTEST_WAIT, wait));
    try {
      open();
      return true;
    } catch (KernelException e) {
      tellAway(e);
      return false;
    }
  }

  private void open() throws KernelException {
    FileStatus there = file.status();
    if (there != null && isOurs.test(there)) {
      reporter.tellOnce(
          RelayEvent.Kind.AWAY,
          null,
          file.path()
              + " is a socket of the relay itself: messages wait until the syslog daemon"
              + " of the host creates its socket");
      throw new KernelException("connect", "path=" + file.path(), Errno.ELOOP.number());
    }
    int opened = sockets.datagramSocket();
    try {
      connect(opened);
      enlargeBuffer(opened);
      longest = sockets.option(opened, SocketCalls.SO_SNDBUF) - RESERVED;
    } catch (KernelException e) {
      kernel.close(opened);
      throw e;
    }
    socket = opened;
    connectedTo = there;
    if (wasConnected) {
      reconnects.add(1);
    }
    wasConnected = true;
    reporter.again(RelayEvent.Kind.AWAY, null);
    reporter.tell(RelayEvent.Kind.CONNECTED, null, "connected to " + file.path());
  }

  private void connect(int opened) throws KernelException {
    OsString path = file.path().value();
    if (path.length() <= LONGEST_PATH) {
      sockets.connect(opened, path);
      return;
    }
    int fd = kernel.openat(Kernel.AT_FDCWD, path, OpenFlags.O_PATH, 0);
    try {
      sockets.connect(opened, LINKS.plus(OsString.of(Integer.toString(fd))));
    } finally {
      kernel.close(fd);
    }
  }

  /** The more may be unread, the more go at a time. Without the privilege it stays as it is. */
  private void enlargeBuffer(int opened) throws KernelException {
    try {
      sockets.setOption(opened, SocketCalls.SO_SNDBUFFORCE, WANTED_BUFFER);
    } catch (KernelException notAllowed) {
      sockets.setOption(opened, SocketCalls.SO_SNDBUF, WANTED_BUFFER);
    }
  }

  private void tellAway(KernelException e) {
    String hint =
        e.is(Errno.EPROTOTYPE)
            ? "it is a stream socket, but the relay sends datagrams"
            : e.reason();
    reporter.tellOnce(
        RelayEvent.Kind.AWAY, null, file.path() + ": cannot connect, messages wait: " + hint);
  }

  /** Notes that a message could not be sent because the other side is gone. */
  void lost(KernelException why) {
    disconnect();
    awaySince = System.nanoTime();
    nextAttempt = awaySince;
    if (!why.is(Errno.ECONNREFUSED) && !why.is(Errno.ENOTCONN) && !why.is(Errno.EPIPE)) {
      // Not what the end of a daemon looks like: not at once again, or it would be for ever.
      nextAttempt += SHORTEST_WAIT;
      tellAway(why);
    }
  }

  /** Connects anew if another socket has taken the place of the one that is connected to. */
  void check() {
    if (socket == NONE) {
      return;
    }
    if (isCheckDue()) {
      disconnect();
      awaySince = System.nanoTime();
      nextAttempt = awaySince;
    }
  }

  /** Returns whether another socket has taken the place of the one that is connected to. */
  boolean isCheckDue() {
    FileStatus was = connectedTo;
    FileStatus there = was == null ? null : file.status();
    return there != null && was != null && !there.sameFileAs(was);
  }

  private void disconnect() {
    connectedTo = null;
    if (socket != NONE) {
      try {
        kernel.close(socket);
      } catch (KernelException closedAllTheSame) {
        // What was sent is the daemon's already.
      }
      socket = NONE;
    }
  }

  @Override
  public void close() {
    disconnect();
  }
}
