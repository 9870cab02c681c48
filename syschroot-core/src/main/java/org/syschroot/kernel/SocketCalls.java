// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import org.syschroot.path.OsString;

/**
 * The system calls on Unix sockets and on waiting for many descriptors, each named as in section 2
 * of the manual.
 *
 * <p>What is called for every message returns the negative errno when it fails, since an exception
 * would cost more than the call; everything else throws {@link KernelException}. Descriptors made
 * here are close-on-exec and never block. Implementations are thread-safe; the batches are not.
 */
public interface SocketCalls {
  /** epoll_ctl(2): there is something to read or to accept. */
  int EPOLLIN = 0x001;

  /** epoll_ctl(2): there is room to write. */
  int EPOLLOUT = 0x004;

  /** epoll_ctl(2): say so once, until it is asked for again. */
  int EPOLLONESHOT = 1 << 30;

  /** unix(7): the kernel says of every message who sent it; value 0 or 1. */
  int SO_PASSCRED = 16;

  /** socket(7): the kernel says of every datagram when it was sent; value 0 or 1. */
  int SO_TIMESTAMPNS = 35;

  /** socket(7): how many bytes of the messages sent may be unread. */
  int SO_SNDBUF = 7;

  /** socket(7): as {@link #SO_SNDBUF}, beyond the system's limit, for {@code CAP_NET_ADMIN}. */
  int SO_SNDBUFFORCE = 32;

  /** renameat2(2): fail if the new name exists. */
  int RENAME_NOREPLACE = 1;

  /** renameat2(2): exchange the two. */
  int RENAME_EXCHANGE = 2;

  /** Makes a Unix socket for datagrams, socket(2). */
  int datagramSocket() throws KernelException;

  /** Makes a Unix socket for streams, socket(2). */
  int streamSocket() throws KernelException;

  /**
   * Gives a socket a path, which is created, bind(2).
   *
   * @param path at most 107 bytes, unix(7)
   */
  void bind(int socket, OsString path) throws KernelException;

  /**
   * Connects a socket, connect(2).
   *
   * @param path at most 107 bytes, unix(7)
   */
  void connect(int socket, OsString path) throws KernelException;

  /** Lets a stream socket be connected to, listen(2). */
  void listen(int socket, int backlog) throws KernelException;

  /** Returns a new connection, or the negative errno, accept4(2). */
  int accept(int socket);

  /**
   * Takes nothing more from senders, who get {@code EPIPE}, shutdown(2) {@code SHUT_RD}. What they
   * have sent can still be read.
   */
  void shutdownReading(int socket) throws KernelException;

  /** Sets an option of {@code SOL_SOCKET}, setsockopt(2). */
  void setOption(int socket, int option, int value) throws KernelException;

  /** Returns an option of {@code SOL_SOCKET}, getsockopt(2). */
  int option(int socket, int option) throws KernelException;

  /**
   * Receives up to {@code count} messages, recvmmsg(2); returns how many, or the negative errno.
   */
  int receive(int socket, MessageBatch batch, int count);

  /**
   * Sends messages {@code first} to {@code first + count - 1} of a batch, sendmmsg(2) with {@code
   * MSG_NOSIGNAL}; returns how many, at least 1, or the negative errno of the first one.
   */
  int send(int socket, MessageBatch batch, int first, int count);

  /** Changes the permission bits of a file, symbolic links followed, fchmodat(2). */
  void chmod(OsString path, int mode) throws KernelException;

  /**
   * Renames a file within a directory, renameat2(2).
   *
   * @param flags {@link #RENAME_NOREPLACE} or {@link #RENAME_EXCHANGE}
   */
  void rename(int directory, OsString from, OsString to, int flags) throws KernelException;

  /** Returns a descriptor that waits for others, epoll_create1(2). */
  int epollCreate() throws KernelException;

  /** Begins to wait for a descriptor, epoll_ctl(2). */
  void epollAdd(int epoll, int fd, int events) throws KernelException;

  /** Changes what is waited for, epoll_ctl(2). */
  void epollModify(int epoll, int fd, int events) throws KernelException;

  /** Waits no longer for a descriptor, epoll_ctl(2). */
  void epollRemove(int epoll, int fd) throws KernelException;

  /**
   * Waits until a descriptor is ready, epoll_pwait(2).
   *
   * @param milliseconds for how long, -1 for ever
   * @return how many are ready, 0 when the time is over or a signal came
   */
  int epollWait(int epoll, ReadyBatch batch, int milliseconds) throws KernelException;

  /** Returns a descriptor by which one thread can wake another, eventfd(2). */
  int eventDescriptor() throws KernelException;

  /** Makes an {@link #eventDescriptor()} readable. */
  void raiseEvent(int fd) throws KernelException;

  /** Makes an {@link #eventDescriptor()} unreadable. */
  void clearEvent(int fd);
}
