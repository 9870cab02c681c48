// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.Locale;
import org.syschroot.kernel.Scratch.Slice;

/** {@link ProcessCalls} of the running Linux kernel. Thread-safe. */
public final class LinuxProcessCalls implements ProcessCalls {
  private static final int P_PID = 1;
  private static final int WEXITED = 4;
  private static final int WNOWAIT = 0x01000000;
  private static final int CLD_EXITED = 1;
  private static final int SIGNALLED = 0x80;
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLLIN_ONCE = 0x001 | 1 << 30;
  private static final int EVENTS = 64;
  private static final int PR_GET_DUMPABLE = 3;
  private static final int PR_SET_DUMPABLE = 4;
  // struct epoll_event is packed on x86-64 alone.
  private static final int EVENT_DATA = Machine.current() == Machine.X86_64 ? 4 : 8;
  private static final int EVENT_BYTES = EVENT_DATA + 8;

  private final RawCalls raw = new RawCalls();

  private LinuxProcessCalls() {}

  /** Returns the calls of the kernel that this JVM runs on. */
  public static ProcessCalls running() {
    return Holder.CALLS;
  }

  private static final class Holder {
    static final LinuxProcessCalls CALLS = new LinuxProcessCalls();
  }

  private long call(SystemCall call, long a, long b, long c, long d, long e) {
    return raw.call(call.number(), a, b, c, d, e);
  }

  private long checked(SystemCall call, String arguments, long a, long b, long c, long d, long e)
      throws KernelException {
    while (true) {
      long result = call(call, a, b, c, d, e);
      if (result >= 0) {
        return result;
      }
      if (result != -Errno.EINTR.number()) {
        String name = call.name().toLowerCase(Locale.ROOT);
        throw new KernelException(name, arguments, (int) -result);
      }
    }
  }

  @Override
  public int effectiveUid() {
    return (int) call(SystemCall.GETEUID, 0, 0, 0, 0, 0);
  }

  @Override
  public void close(int fd) throws KernelException {
    // Not again after EINTR: the descriptor is gone, and may be another file by then.
    long result = call(SystemCall.CLOSE, fd, 0, 0, 0, 0);
    if (result < 0) {
      throw new KernelException("close", "fd=" + fd, (int) -result);
    }
  }

  @Override
  public Pipe pipe() throws KernelException {
    Slice ends = ThreadScratch.get().take(8);
    checked(SystemCall.PIPE2, "O_CLOEXEC", ends.address(), OpenFlags.O_CLOEXEC, 0, 0, 0);
    return new Pipe(ends.bytes().getInt(0), ends.bytes().getInt(4));
  }

  @Override
  public void kill(int pid, int signal) throws KernelException {
    checked(SystemCall.KILL, "pid=" + pid + ", signal=" + signal, pid, signal, 0, 0, 0);
  }

  @Override
  public void awaitEnd(int pid) throws KernelException {
    long info = ThreadScratch.get().take(128).address();
    checked(SystemCall.WAITID, "pid=" + pid, P_PID, pid, info, WEXITED | WNOWAIT, 0);
  }

  @Override
  public int reap(int pid) throws KernelException {
    Slice info = ThreadScratch.get().take(128);
    checked(SystemCall.WAITID, "pid=" + pid, P_PID, pid, info.address(), WEXITED, 0);
    // siginfo_t on 64-bit machines: si_code 8, si_pid 16, si_uid 20, si_status 24.
    int status = info.bytes().getInt(24);
    return info.bytes().getInt(8) == CLD_EXITED ? status : SIGNALLED + status;
  }

  @Override
  public int pidfdOpen(int pid) throws KernelException {
    return (int) checked(SystemCall.PIDFD_OPEN, "pid=" + pid, pid, 0, 0, 0, 0);
  }

  @Override
  public int epollCreate() throws KernelException {
    return (int) checked(SystemCall.EPOLL_CREATE1, "", OpenFlags.O_CLOEXEC, 0, 0, 0, 0);
  }

  @Override
  public void epollAdd(int epoll, int fd) throws KernelException {
    Slice event = ThreadScratch.get().take(EVENT_BYTES);
    event.bytes().putInt(0, EPOLLIN_ONCE);
    event.bytes().putLong(EVENT_DATA, fd);
    checked(SystemCall.EPOLL_CTL, "add " + fd, epoll, EPOLL_CTL_ADD, fd, event.address(), 0);
  }

  @Override
  public int[] epollWait(int epoll) throws KernelException {
    Slice events = ThreadScratch.get().take(EVENTS * EVENT_BYTES);
    int count = (int) checked(SystemCall.EPOLL_PWAIT, "", epoll, events.address(), EVENTS, -1, 0);
    int[] ready = new int[count];
    for (int i = 0; i < count; i++) {
      ready[i] = (int) events.bytes().getLong(i * EVENT_BYTES + EVENT_DATA);
    }
    return ready;
  }

  @Override
  public void setLimit(int pid, int resource, ResourceLimit limit) throws KernelException {
    Slice words = ThreadScratch.get().take(16);
    words.bytes().putLong(0, limit.soft());
    words.bytes().putLong(8, limit.hard());
    String arguments = "pid=" + pid + ", resource=" + resource;
    checked(SystemCall.PRLIMIT64, arguments, pid, resource, words.address(), 0, 0);
  }

  @Override
  public ResourceLimit limit(int pid, int resource) throws KernelException {
    Slice words = ThreadScratch.get().take(16);
    String arguments = "pid=" + pid + ", resource=" + resource;
    checked(SystemCall.PRLIMIT64, arguments, pid, resource, 0, words.address(), 0);
    return new ResourceLimit(words.bytes().getLong(0), words.bytes().getLong(8));
  }

  @Override
  public int threadId() {
    return (int) call(SystemCall.GETTID, 0, 0, 0, 0, 0);
  }

  @Override
  public boolean hasThread(int threadId) {
    long pid = call(SystemCall.GETPID, 0, 0, 0, 0, 0);
    return call(SystemCall.TGKILL, pid, threadId, 0, 0, 0) == 0;
  }

  @Override
  public int dumpable() throws KernelException {
    return (int) checked(SystemCall.PRCTL, "PR_GET_DUMPABLE", PR_GET_DUMPABLE, 0, 0, 0, 0);
  }

  @Override
  public void setDumpable(int flag) throws KernelException {
    checked(SystemCall.PRCTL, "PR_SET_DUMPABLE, " + flag, PR_SET_DUMPABLE, flag, 0, 0, 0);
  }
}
