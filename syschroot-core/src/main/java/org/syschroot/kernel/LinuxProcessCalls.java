// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/** {@link ProcessCalls} of the running Linux kernel. Thread-safe. */
public final class LinuxProcessCalls implements ProcessCalls {
  private static final int P_PID = 1;
  private static final int WEXITED = 4;
  private static final int WNOHANG = 1;
  private static final int WNOWAIT = 0x01000000;
  private static final int CLD_EXITED = 1;
  // siginfo_t on 64-bit machines.
  private static final int SI_CODE = 8;
  private static final int SI_PID = 16;
  private static final int SI_STATUS = 24;
  private static final int EPOLL_CTL_ADD = 1;
  private static final int EPOLL_CTL_DEL = 2;
  private static final int EPOLLIN = 1;
  private static final int F_SETFL = 4;
  private static final int FIONREAD = 0x541b;
  private static final int PRIO_PROCESS = 0;
  private static final int CHUNK = 32 * 1024;
  private static final int PR_GET_DUMPABLE = 3;
  private static final int PR_SET_DUMPABLE = 4;

  private final RawCalls raw = RawCalls.running();
  private final LostDescriptors lost = new LostDescriptors(raw);

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
    long result = raw.close(fd);
    if (result < 0) {
      throw new KernelException("close", "fd=" + fd, (int) -result);
    }
  }

  @Override
  public int openAgain(int fd) throws KernelException {
    OsString link = OsString.of("/proc/thread-self/fd/" + fd);
    return LinuxKernel.running().openat(Kernel.AT_FDCWD, link, OpenFlags.O_RDONLY, 0);
  }

  @Override
  public int keep(byte[] content) throws KernelException {
    OsString name = OsString.of("syschroot");
    int memory = new LinuxProgramMemory(LinuxKernel.running()).keepData(name, content);
    try {
      return openAgain(memory); // at the beginning, and only for reading
    } finally {
      close(memory);
    }
  }

  @Override
  public void closeOthers(int fd) {
    lost.closeOthers(fd);
  }

  @Override
  public Pipe pipe() throws KernelException {
    Slice ends = ThreadScratch.get().take(8);
    checked(SystemCall.PIPE2, "O_CLOEXEC", ends.address(), OpenFlags.O_CLOEXEC, 0, 0, 0);
    int read = ends.bytes().getInt(0);
    int write = ends.bytes().getInt(4);
    try {
      return new Pipe(read, write);
    } catch (OutOfMemoryError e) {
      raw.close(read);
      raw.close(write);
      throw e;
    }
  }

  /** Zero and negative numbers mean this process, a group of processes, or all of them. */
  private static void requireOne(int pid) {
    if (pid <= 0) {
      throw new IllegalArgumentException(pid + " is not the number of one process");
    }
  }

  @Override
  public void kill(int pid, int signal) throws KernelException {
    requireOne(pid);
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
    return status(info.bytes());
  }

  @Override
  public int reapNow(int pid, NativeMemory memory) throws KernelException {
    memory.bytes().putInt(SI_PID, 0);
    long result = -Errno.EINTR.number();
    while (result == -Errno.EINTR.number()) {
      result = call(SystemCall.WAITID, P_PID, pid, memory.address(), WEXITED | WNOHANG, 0);
    }
    if (result < 0) {
      throw new KernelException("waitid", "pid=" + pid, (int) -result);
    }
    return memory.bytes().getInt(SI_PID) == 0 ? RUNNING : status(memory.bytes());
  }

  private static int status(ByteBuffer info) {
    int status = info.getInt(SI_STATUS);
    return info.getInt(SI_CODE) == CLD_EXITED ? status : KILLED + status;
  }

  @Override
  public int available(int fd) throws KernelException {
    Slice count = ThreadScratch.get().take(Integer.BYTES);
    checked(SystemCall.IOCTL, "fd=" + fd + ", FIONREAD", fd, FIONREAD, count.address(), 0, 0);
    return count.bytes().getInt(0);
  }

  @Override
  public void setNonBlocking(int fd) throws KernelException {
    checked(SystemCall.FCNTL, "fd=" + fd, fd, F_SETFL, OpenFlags.O_NONBLOCK, 0, 0);
  }

  @Override
  public int read(int fd, byte[] into, int offset, int length) throws KernelException {
    int most = Math.min(length, CHUNK);
    Slice chunk = ThreadScratch.get().take(most);
    long count = -Errno.EINTR.number();
    while (count == -Errno.EINTR.number()) {
      count = call(SystemCall.READ, fd, chunk.address(), most, 0, 0);
    }
    if (count == -Errno.EAGAIN.number()) {
      return 0;
    }
    if (count < 0) {
      throw new KernelException("read", "fd=" + fd, (int) -count);
    }
    chunk.bytes().get(into, offset, (int) count);
    return (int) count;
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
    Slice event = ThreadScratch.get().take(ReadyBatch.SIZE);
    event.bytes().putInt(0, EPOLLIN);
    event.bytes().putLong(ReadyBatch.DATA, fd);
    checked(SystemCall.EPOLL_CTL, "add " + fd, epoll, EPOLL_CTL_ADD, fd, event.address(), 0);
  }

  @Override
  public void epollRemove(int epoll, int fd) throws KernelException {
    long result = call(SystemCall.EPOLL_CTL, epoll, EPOLL_CTL_DEL, fd, 0, 0);
    if (result < 0) {
      throw new KernelException("epoll_ctl", "delete " + fd, (int) -result);
    }
  }

  @Override
  public int epollWait(int epoll, ReadyBatch ready) throws KernelException {
    int most = ready.capacity();
    return (int) checked(SystemCall.EPOLL_PWAIT, "", epoll, ready.address(), most, -1, 0);
  }

  @Override
  public int spawn(
      OsString path, List<OsString> arguments, List<OsString> environment, ChildSettings settings)
      throws KernelException {
    return ChildSpawn.running().run(path, arguments, environment, settings);
  }

  @Override
  public void reserveDescriptors() {
    ChildSpawn.running();
  }

  @Override
  public void setfsuid(int uid) throws KernelException {
    if (uid == -1) {
      throw new IllegalArgumentException("4294967295 (-1) is not a user");
    }
    call(SystemCall.SETFSUID, uid, 0, 0, 0, 0);
    // It reports no error: -1 is no user, so that this only asks.
    if ((int) call(SystemCall.SETFSUID, -1, 0, 0, 0, 0) != uid) {
      throw new KernelException("setfsuid", "uid=" + uid, Errno.EPERM.number());
    }
  }

  @Override
  public void setNice(int nice) throws KernelException {
    checked(SystemCall.SETPRIORITY, "nice=" + nice, PRIO_PROCESS, 0, nice, 0, 0);
  }

  @Override
  public void setProcessors(BitSet processors) throws KernelException {
    long[] words = processors.toLongArray();
    Slice mask = ThreadScratch.get().take(Math.max(1, words.length) * Long.BYTES);
    for (int i = 0; i < words.length; i++) {
      mask.bytes().putLong(i * Long.BYTES, words[i]);
    }
    long bytes = (long) words.length * Long.BYTES;
    checked(
        SystemCall.SCHED_SETAFFINITY, "processors=" + processors, 0, bytes, mask.address(), 0, 0);
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
