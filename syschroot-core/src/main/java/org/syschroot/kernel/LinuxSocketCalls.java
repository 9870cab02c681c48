// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.Locale;
import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/** {@link SocketCalls} of the running Linux kernel. Thread-safe. */
public final class LinuxSocketCalls implements SocketCalls {
  private static final int AF_UNIX = 1;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_NONBLOCK = 04000;
  private static final int SOL_SOCKET = 1;
  private static final int SHUT_RD = 0;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int LONGEST_PATH = 107;
  private static final int ADDRESS = 2;
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLL_CTL_DEL = 2;
  private static final int EPOLL_CTL_MOD = 3;

  private final RawCalls raw = RawCalls.running();

  private LinuxSocketCalls() {}

  /** Returns the calls of the kernel that this JVM runs on. */
  public static SocketCalls running() {
    return Holder.CALLS;
  }

  private static final class Holder {
    static final LinuxSocketCalls CALLS = new LinuxSocketCalls();
  }

  private long call(SystemCall call, long a, long b, long c, long d, long e) {
    return raw.call(call.number(), a, b, c, d, e);
  }

  private int checked(SystemCall call, String arguments, long a, long b, long c, long d, long e)
      throws KernelException {
    while (true) {
      long result = call(call, a, b, c, d, e);
      if (result >= 0) {
        return (int) result;
      }
      if (result != -Errno.EINTR.number()) {
        String name = call.name().toLowerCase(Locale.ROOT);
        throw new KernelException(name, arguments, (int) -result);
      }
    }
  }

  @Override
  public int datagramSocket() throws KernelException {
    return socket(SOCK_DGRAM, "AF_UNIX, SOCK_DGRAM");
  }

  @Override
  public int streamSocket() throws KernelException {
    return socket(SOCK_STREAM, "AF_UNIX, SOCK_STREAM");
  }

  private int socket(int type, String arguments) throws KernelException {
    int flags = SOCK_NONBLOCK | OpenFlags.O_CLOEXEC;
    return checked(SystemCall.SOCKET, arguments, AF_UNIX, type | flags, 0, 0, 0);
  }

  @Override
  public void bind(int socket, OsString path) throws KernelException {
    long address = address("bind", path);
    checked(SystemCall.BIND, "path=" + path, socket, address, length(path), 0, 0);
  }

  @Override
  public void connect(int socket, OsString path) throws KernelException {
    long address = address("connect", path);
    checked(SystemCall.CONNECT, "path=" + path, socket, address, length(path), 0, 0);
  }

  private static long address(String call, OsString path) throws KernelException {
    if (path.length() > LONGEST_PATH) {
      throw new KernelException(call, "path=" + path, Errno.ENAMETOOLONG.number());
    }
    Slice address = ThreadScratch.get().take(length(path));
    address.bytes().putShort((short) AF_UNIX);
    path.putInto(address.bytes());
    address.bytes().put((byte) 0);
    return address.address();
  }

  private static int length(OsString path) {
    return ADDRESS + path.length() + 1;
  }

  @Override
  public void listen(int socket, int backlog) throws KernelException {
    checked(SystemCall.LISTEN, "backlog=" + backlog, socket, backlog, 0, 0, 0);
  }

  @Override
  public int accept(int socket) {
    int flags = SOCK_NONBLOCK | OpenFlags.O_CLOEXEC;
    return (int) call(SystemCall.ACCEPT4, socket, 0, 0, flags, 0);
  }

  @Override
  public void shutdownReading(int socket) throws KernelException {
    checked(SystemCall.SHUTDOWN, "SHUT_RD", socket, SHUT_RD, 0, 0, 0);
  }

  @Override
  public void setOption(int socket, int option, int value) throws KernelException {
    Slice word = ThreadScratch.get().take(4);
    word.bytes().putInt(0, value);
    String arguments = "option=" + option + ", value=" + value;
    checked(SystemCall.SETSOCKOPT, arguments, socket, SOL_SOCKET, option, word.address(), 4);
  }

  @Override
  public int option(int socket, int option) throws KernelException {
    Slice words = ThreadScratch.get().take(8);
    words.bytes().putInt(4, 4);
    long value = words.address();
    checked(
        SystemCall.GETSOCKOPT, "option=" + option, socket, SOL_SOCKET, option, value, value + 4);
    return words.bytes().getInt(0);
  }

  @Override
  public int receive(int socket, MessageBatch batch, int count) {
    return (int) call(SystemCall.RECVMMSG, socket, batch.header(0), count, 0, 0);
  }

  @Override
  public int send(int socket, MessageBatch batch, int first, int count) {
    return (int) call(SystemCall.SENDMMSG, socket, batch.header(first), count, MSG_NOSIGNAL, 0);
  }

  @Override
  public void chmod(OsString path, int mode) throws KernelException {
    long name = ThreadScratch.get().string(path);
    String arguments = "path=" + path + ", mode=" + Integer.toOctalString(mode);
    checked(SystemCall.FCHMODAT, arguments, Kernel.AT_FDCWD, name, mode, 0, 0);
  }

  @Override
  public void rename(int directory, OsString from, OsString to, int flags) throws KernelException {
    Scratch memory = ThreadScratch.get();
    long old = memory.string(from);
    String arguments = "directory=" + directory + ", from=" + from + ", to=" + to;
    checked(SystemCall.RENAMEAT2, arguments, directory, old, directory, memory.string(to), flags);
  }

  @Override
  public int epollCreate() throws KernelException {
    return checked(SystemCall.EPOLL_CREATE1, "", OpenFlags.O_CLOEXEC, 0, 0, 0, 0);
  }

  @Override
  public void epollAdd(int epoll, int fd, int events) throws KernelException {
    control(epoll, EPOLL_CTL_ADD, fd, events);
  }

  @Override
  public void epollModify(int epoll, int fd, int events) throws KernelException {
    control(epoll, EPOLL_CTL_MOD, fd, events);
  }

  @Override
  public void epollRemove(int epoll, int fd) throws KernelException {
    control(epoll, EPOLL_CTL_DEL, fd, 0);
  }

  private void control(int epoll, int operation, int fd, int events) throws KernelException {
    Slice event = ThreadScratch.get().take(ReadyBatch.SIZE);
    event.bytes().putInt(0, events);
    event.bytes().putLong(ReadyBatch.DATA, fd);
    String arguments = "operation=" + operation + ", fd=" + fd;
    checked(SystemCall.EPOLL_CTL, arguments, epoll, operation, fd, event.address(), 0);
  }

  @Override
  public int epollWait(int epoll, ReadyBatch batch, int milliseconds) throws KernelException {
    long result =
        call(SystemCall.EPOLL_PWAIT, epoll, batch.address(), batch.capacity(), milliseconds, 0);
    if (result < 0 && result != -Errno.EINTR.number()) {
      throw new KernelException("epoll_pwait", "", (int) -result);
    }
    return (int) Math.max(result, 0);
  }

  @Override
  public int eventDescriptor() throws KernelException {
    int flags = SOCK_NONBLOCK | OpenFlags.O_CLOEXEC;
    return checked(SystemCall.EVENTFD2, "", 0, flags, 0, 0, 0);
  }

  @Override
  public void raiseEvent(int fd) throws KernelException {
    Slice one = ThreadScratch.get().take(8);
    one.bytes().putLong(0, 1);
    checked(SystemCall.WRITE, "fd=" + fd, fd, one.address(), 8, 0, 0);
  }

  @Override
  public void clearEvent(int fd) {
    call(SystemCall.READ, fd, ThreadScratch.get().take(8).address(), 8, 0, 0);
  }
}
