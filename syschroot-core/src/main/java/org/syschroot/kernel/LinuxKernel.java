// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/**
 * The running Linux kernel. Thread-safe.
 *
 * <p>All calls go through syscall(2) with the numbers of {@link SystemCall}: glibc's wrappers of
 * setuid(2) and its kin would change every thread of the JVM, and several calls have no wrapper.
 */
public final class LinuxKernel implements Kernel {
  private static final int F_SETFD = 2;
  private static final int FD_CLOEXEC = 1;
  private static final int CLOSE_RANGE_CLOEXEC = 4;
  private static final int SIG_SETMASK = 2;
  private static final long SIG_IGN = 1;
  private static final int SIGNAL_SET_BYTES = 8;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int PR_CAPBSET_DROP = 24;
  private static final int PR_CAP_AMBIENT = 47;
  private static final int PR_CAP_AMBIENT_LOWER = 3;
  private static final int CAPABILITY_VERSION_3 = 0x20080522;
  private static final int STATX_BASIC_STATS_AND_MNT_ID = 0x7ff | 0x1000;
  private static final int STATX_MNT_ID = 0x1000;
  private static final int PATH_MAX = 4096;
  private static final int XATTR_LIMIT = 64 * 1024; // XATTR_SIZE_MAX, linux/limits.h
  private static final int DIRECTORY_BUFFER = 32 * 1024;

  private final RawCalls raw = new RawCalls();
  private final ProgramSpawn programSpawn = new ProgramSpawn(raw);

  private LinuxKernel() {}

  /** Returns the kernel that this JVM runs on; the native library is loaded at the first call. */
  public static Kernel running() {
    return Holder.KERNEL;
  }

  private static final class Holder {
    static final LinuxKernel KERNEL = new LinuxKernel();
  }

  /** Returns the result of a call, or the negative errno. */
  private long call(SystemCall call, long a, long b, long c, long d, long e) {
    return raw.call(call.number(), a, b, c, d, e);
  }

  private long call(SystemCall call, long a, long b, long c, long d) {
    return call(call, a, b, c, d, 0);
  }

  private long call(SystemCall call, long a) {
    return call(call, a, 0, 0, 0, 0);
  }

  private Scratch scratch() {
    return ThreadScratch.get();
  }

  private static KernelException failed(String call, String arguments, long result) {
    return new KernelException(call, arguments, (int) -result);
  }

  private static String place(int directory, OsString path) {
    return directory == AT_FDCWD ? "path=" + path : "directory=" + directory + ", path=" + path;
  }

  @Override
  public int openat(int directory, OsString path, int flags, int mode) throws KernelException {
    long result =
        call(
            SystemCall.OPENAT,
            directory,
            scratch().string(path),
            flags | OpenFlags.O_CLOEXEC,
            mode);
    if (result < 0) {
      throw failed(
          "openat", place(directory, path) + ", flags=" + OpenFlags.describe(flags), result);
    }
    return (int) result;
  }

  @Override
  public int openat2(int directory, OsString path, int flags, int mode, int resolve)
      throws KernelException {
    Scratch memory = scratch();
    Slice how = memory.take(24);
    how.bytes().putLong(0, (flags | OpenFlags.O_CLOEXEC) & 0xffffffffL);
    how.bytes().putLong(8, mode);
    how.bytes().putLong(16, resolve);
    long result = call(SystemCall.OPENAT2, directory, memory.string(path), how.address(), 24);
    if (result < 0) {
      throw failed(
          "openat2",
          place(directory, path)
              + ", flags="
              + OpenFlags.describe(flags)
              + ", resolve="
              + OpenFlags.describeResolve(resolve),
          result);
    }
    return (int) result;
  }

  @Override
  public void close(int fd) throws KernelException {
    long result = call(SystemCall.CLOSE, fd);
    if (result < 0) {
      throw failed("close", "fd=" + fd, result);
    }
  }

  @Override
  public byte[] read(int fd, int limit) throws KernelException {
    Slice buffer = scratch().take(Math.max(1, limit));
    long total = 0;
    while (total < limit) {
      long count = call(SystemCall.READ, fd, buffer.address() + total, limit - total, 0);
      if (count == -Errno.EINTR.number()) {
        continue;
      }
      if (count < 0) {
        throw failed("read", "fd=" + fd, count);
      }
      if (count == 0) {
        break;
      }
      total += count;
    }
    byte[] bytes = new byte[(int) total];
    buffer.bytes().get(0, bytes);
    return bytes;
  }

  @Override
  public void write(int fd, byte[] bytes) throws KernelException {
    Slice buffer = scratch().take(Math.max(1, bytes.length));
    buffer.bytes().put(0, bytes);
    long written = 0;
    while (written < bytes.length) {
      long count =
          call(SystemCall.WRITE, fd, buffer.address() + written, bytes.length - written, 0);
      if (count == -Errno.EINTR.number()) {
        continue;
      }
      if (count < 0) {
        throw failed("write", "fd=" + fd, count);
      }
      written += count;
    }
  }

  @Override
  public FileStatus fstat(int fd) throws KernelException {
    Scratch memory = scratch();
    Slice status = memory.take(256);
    long result =
        call(
            SystemCall.STATX,
            fd,
            memory.string(OsString.of("")),
            MountFlags.AT_EMPTY_PATH,
            STATX_BASIC_STATS_AND_MNT_ID,
            status.address());
    if (result < 0) {
      throw failed("statx", "fd=" + fd, result);
    }
    // struct statx, linux/stat.h: mask 0, uid 20, gid 24, mode 28, ino 32, dev 136/140, mnt_id 144.
    boolean knowsMount = (status.bytes().getInt(0) & STATX_MNT_ID) != 0;
    return new FileStatus(
        ((long) status.bytes().getInt(136) << 32) | (status.bytes().getInt(140) & 0xffffffffL),
        status.bytes().getLong(32),
        status.bytes().getShort(28) & 0xffff,
        status.bytes().getInt(20),
        status.bytes().getInt(24),
        knowsMount ? status.bytes().getLong(144) : -1);
  }

  @Override
  public OsString readlinkat(int directory, OsString path) throws KernelException {
    Scratch memory = scratch();
    Slice buffer = memory.take(PATH_MAX);
    long length =
        call(SystemCall.READLINKAT, directory, memory.string(path), buffer.address(), PATH_MAX);
    if (length < 0) {
      throw failed("readlinkat", place(directory, path), length);
    }
    return bytes(buffer, (int) length);
  }

  private static OsString bytes(Slice buffer, int length) {
    byte[] bytes = new byte[length];
    buffer.bytes().get(0, bytes);
    return OsString.ofBytes(bytes);
  }

  @Override
  public void mkdirat(int directory, OsString name, int mode) throws KernelException {
    long result = call(SystemCall.MKDIRAT, directory, scratch().string(name), mode, 0);
    if (result < 0) {
      throw failed("mkdirat", place(directory, name), result);
    }
  }

  @Override
  public void symlinkat(OsString text, int directory, OsString name) throws KernelException {
    Scratch memory = scratch();
    long result =
        call(SystemCall.SYMLINKAT, memory.string(text), directory, memory.string(name), 0);
    if (result < 0) {
      throw failed("symlinkat", "text=" + text + ", " + place(directory, name), result);
    }
  }

  @Override
  public void unlinkat(int directory, OsString name, int flags) throws KernelException {
    long result = call(SystemCall.UNLINKAT, directory, scratch().string(name), flags, 0);
    if (result < 0) {
      throw failed(
          "unlinkat",
          place(directory, name) + (flags == OpenFlags.AT_REMOVEDIR ? ", flags=AT_REMOVEDIR" : ""),
          result);
    }
  }

  @Override
  public List<OsString> getdents(int directory) throws KernelException {
    Slice buffer = scratch().take(DIRECTORY_BUFFER);
    List<OsString> names = new ArrayList<>();
    while (true) {
      long length = call(SystemCall.GETDENTS64, directory, buffer.address(), DIRECTORY_BUFFER, 0);
      if (length < 0) {
        throw failed("getdents64", "fd=" + directory, length);
      }
      if (length == 0) {
        return names;
      }
      addNames(buffer, (int) length, names);
    }
  }

  /** Reads struct linux_dirent64: ino 0, off 8, reclen 16, type 18, name 19. */
  private static void addNames(Slice buffer, int length, List<OsString> names) {
    for (int entry = 0; entry < length; entry += buffer.bytes().getShort(entry + 16) & 0xffff) {
      int start = entry + 19;
      int end = start;
      while (buffer.bytes().get(end) != 0) {
        end++;
      }
      byte[] name = new byte[end - start];
      buffer.bytes().get(start, name);
      boolean isDots = name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
      if (!isDots) {
        names.add(OsString.ofBytes(name));
      }
    }
  }

  @Override
  public void flock(int fd, int operation) throws KernelException {
    long result = call(SystemCall.FLOCK, fd, operation, 0, 0);
    while (result == -Errno.EINTR.number()) {
      result = call(SystemCall.FLOCK, fd, operation, 0, 0);
    }
    if (result < 0) {
      throw failed("flock", "fd=" + fd + ", operation=" + operation, result);
    }
  }

  @Override
  public void setCloseOnExec(int fd, boolean closeOnExec) throws KernelException {
    long result = call(SystemCall.FCNTL, fd, F_SETFD, closeOnExec ? FD_CLOEXEC : 0, 0);
    if (result < 0) {
      throw failed("fcntl", "fd=" + fd + ", F_SETFD", result);
    }
  }

  @Override
  public void closeRangeOnExec(int first, int last) throws KernelException {
    long result = call(SystemCall.CLOSE_RANGE, first, last, CLOSE_RANGE_CLOEXEC, 0);
    if (result < 0) {
      throw failed(
          "close_range", "first=" + first + ", last=" + last + ", CLOSE_RANGE_CLOEXEC", result);
    }
  }

  @Override
  public void unshare(int flags) throws KernelException {
    long result = call(SystemCall.UNSHARE, flags);
    if (result < 0) {
      throw failed("unshare", "flags=" + CloneFlags.describe(flags), result);
    }
  }

  @Override
  public void mount(
      @Nullable OsString source,
      OsString target,
      @Nullable OsString type,
      long flags,
      @Nullable OsString data)
      throws KernelException {
    Scratch memory = scratch();
    long result =
        call(
            SystemCall.MOUNT,
            source == null ? 0 : memory.string(source),
            memory.string(target),
            type == null ? 0 : memory.string(type),
            flags,
            data == null ? 0 : memory.string(data));
    if (result < 0) {
      throw failed(
          "mount",
          "source="
              + source
              + ", target="
              + target
              + (type == null ? "" : ", type=" + type)
              + ", flags="
              + MountFlags.describe(flags)
              + (data == null ? "" : ", data=" + data),
          result);
    }
  }

  @Override
  public void umount2(OsString target, int flags) throws KernelException {
    long result = call(SystemCall.UMOUNT2, scratch().string(target), flags, 0, 0);
    if (result < 0) {
      throw failed("umount2", "target=" + target, result);
    }
  }

  @Override
  public int openTree(int directory, OsString path, int flags) throws KernelException {
    long result =
        call(
            SystemCall.OPEN_TREE,
            directory,
            scratch().string(path),
            flags | MountFlags.OPEN_TREE_CLOEXEC,
            0);
    if (result < 0) {
      throw failed(
          "open_tree",
          place(directory, path) + ", flags=" + MountFlags.describeTree(flags),
          result);
    }
    return (int) result;
  }

  @Override
  public void mountSetattr(int directory, OsString path, int flags, long set, long propagation)
      throws KernelException {
    Scratch memory = scratch();
    Slice attributes = memory.take(32);
    attributes.bytes().putLong(0, set);
    attributes.bytes().putLong(8, 0);
    attributes.bytes().putLong(16, propagation);
    attributes.bytes().putLong(24, 0);
    long result =
        call(
            SystemCall.MOUNT_SETATTR,
            directory,
            memory.string(path),
            flags,
            attributes.address(),
            32);
    if (result < 0) {
      throw failed(
          "mount_setattr",
          place(directory, path)
              + ", set="
              + MountFlags.describeAttributes(set)
              + ", propagation="
              + MountFlags.describe(propagation),
          result);
    }
  }

  @Override
  public void moveMount(int mount, int target) throws KernelException {
    final int fromAndToEmptyPath = 0x04 | 0x40;
    Scratch memory = scratch();
    long empty = memory.string(OsString.of(""));
    long result = call(SystemCall.MOVE_MOUNT, mount, empty, target, empty, fromAndToEmptyPath);
    if (result < 0) {
      throw failed("move_mount", "from=" + mount + ", to=" + target, result);
    }
  }

  @Override
  public void chroot(OsString path) throws KernelException {
    long result = call(SystemCall.CHROOT, scratch().string(path));
    if (result < 0) {
      throw failed("chroot", "path=" + path, result);
    }
  }

  @Override
  public void chdir(OsString path) throws KernelException {
    long result = call(SystemCall.CHDIR, scratch().string(path));
    if (result < 0) {
      throw failed("chdir", "path=" + path, result);
    }
  }

  @Override
  public void fchdir(int fd) throws KernelException {
    long result = call(SystemCall.FCHDIR, fd);
    if (result < 0) {
      throw failed("fchdir", "fd=" + fd, result);
    }
  }

  @Override
  public OsString getcwd() throws KernelException {
    Slice buffer = scratch().take(PATH_MAX);
    long length = call(SystemCall.GETCWD, buffer.address(), PATH_MAX, 0, 0);
    if (length < 0) {
      throw failed("getcwd", "", length);
    }
    return bytes(buffer, (int) length - 1);
  }

  @Override
  public long personality(long persona) throws KernelException {
    long before = call(SystemCall.PERSONALITY, persona & 0xffffffffL);
    if (before < 0) {
      throw failed("personality", "persona=0x" + Long.toHexString(persona), before);
    }
    return before;
  }

  @Override
  public void setgroups(List<Integer> groups) throws KernelException {
    Slice array = scratch().take(Math.max(4, 4 * groups.size()));
    for (int i = 0; i < groups.size(); i++) {
      array.bytes().putInt(4 * i, groups.get(i));
    }
    long result = call(SystemCall.SETGROUPS, groups.size(), array.address(), 0, 0);
    if (result < 0) {
      throw failed("setgroups", "groups=" + groups, result);
    }
  }

  @Override
  public void setresgid(int gid) throws KernelException {
    long result = call(SystemCall.SETRESGID, gid, gid, gid, 0);
    if (result < 0) {
      throw failed("setresgid", "gid=" + gid, result);
    }
  }

  @Override
  public void setresuid(int uid) throws KernelException {
    long result = call(SystemCall.SETRESUID, uid, uid, uid, 0);
    if (result < 0) {
      throw failed("setresuid", "uid=" + uid, result);
    }
  }

  @Override
  public void setNoNewPrivileges() throws KernelException {
    long result = call(SystemCall.PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0);
    if (result < 0) {
      throw failed("prctl", "PR_SET_NO_NEW_PRIVS", result);
    }
  }

  @Override
  public void dropCapability(int capability) throws KernelException {
    long dropped = call(SystemCall.PRCTL, PR_CAPBSET_DROP, capability, 0, 0);
    if (dropped < 0) {
      throw failed("prctl", "PR_CAPBSET_DROP, " + capability, dropped);
    }
    long lowered = call(SystemCall.PRCTL, PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, capability, 0);
    if (lowered < 0) {
      throw failed("prctl", "PR_CAP_AMBIENT_LOWER, " + capability, lowered);
    }
    removeFromInheritable(capability);
  }

  /** Root's programs start with their inheritable set, whatever the bounding set says. */
  private void removeFromInheritable(int capability) throws KernelException {
    Scratch memory = scratch();
    Slice header = memory.take(8);
    header.bytes().putInt(0, CAPABILITY_VERSION_3);
    header.bytes().putInt(4, 0);
    Slice sets = memory.take(24);
    long got = call(SystemCall.CAPGET, header.address(), sets.address(), 0, 0);
    if (got < 0) {
      throw failed("capget", "", got);
    }
    // Two groups of 32: effective, permitted, inheritable of each.
    int inheritable = capability < 32 ? 8 : 20;
    sets.bytes().putInt(inheritable, sets.bytes().getInt(inheritable) & ~(1 << (capability & 31)));
    long set = call(SystemCall.CAPSET, header.address(), sets.address(), 0, 0);
    if (set < 0) {
      throw failed("capset", "inheritable without " + capability, set);
    }
  }

  @Override
  public ResourceLimit getrlimit(int resource) throws KernelException {
    Slice limit = scratch().take(16);
    long result = call(SystemCall.PRLIMIT64, 0, resource, 0, limit.address());
    if (result < 0) {
      throw failed("prlimit64", "resource=" + resource, result);
    }
    return new ResourceLimit(limit.bytes().getLong(0), limit.bytes().getLong(8));
  }

  @Override
  public void setrlimit(int resource, ResourceLimit limit) throws KernelException {
    Slice words = scratch().take(16);
    words.bytes().putLong(0, limit.soft());
    words.bytes().putLong(8, limit.hard());
    long result = call(SystemCall.PRLIMIT64, 0, resource, words.address(), 0);
    if (result < 0) {
      throw failed(
          "prlimit64",
          "resource="
              + resource
              + ", soft="
              + Long.toUnsignedString(limit.soft())
              + ", hard="
              + Long.toUnsignedString(limit.hard()),
          result);
    }
  }

  @Override
  public void setSignalMask(long mask) throws KernelException {
    Slice set = scratch().take(SIGNAL_SET_BYTES);
    set.bytes().putLong(0, mask);
    long result = call(SystemCall.RT_SIGPROCMASK, SIG_SETMASK, set.address(), 0, SIGNAL_SET_BYTES);
    if (result < 0) {
      throw failed("rt_sigprocmask", "SIG_SETMASK, 0x" + Long.toHexString(mask), result);
    }
  }

  @Override
  public void ignoreSignal(int signal) throws KernelException {
    // struct kernel_sigaction: handler, flags, restorer, mask; all zero but the handler.
    Slice action = scratch().take(32);
    action.bytes().putLong(0, SIG_IGN);
    action.bytes().putLong(8, 0);
    action.bytes().putLong(16, 0);
    action.bytes().putLong(24, 0);
    long result = call(SystemCall.RT_SIGACTION, signal, action.address(), 0, SIGNAL_SET_BYTES);
    if (result < 0) {
      throw failed("rt_sigaction", "signal=" + signal + ", SIG_IGN", result);
    }
  }

  @Override
  public void fchown(int fd, int uid, int gid) throws KernelException {
    long result = call(SystemCall.FCHOWN, fd, uid, gid, 0);
    if (result < 0) {
      throw failed("fchown", "fd=" + fd + ", uid=" + uid + ", gid=" + gid, result);
    }
  }

  @Override
  public void fchmod(int fd, int mode) throws KernelException {
    long result = call(SystemCall.FCHMOD, fd, mode, 0, 0);
    if (result < 0) {
      throw failed("fchmod", "fd=" + fd + ", mode=0" + Integer.toOctalString(mode), result);
    }
  }

  @Override
  public byte[] fgetxattr(int fd, OsString name) throws KernelException {
    Scratch memory = scratch();
    Slice value = memory.take(XATTR_LIMIT);
    long length = call(SystemCall.FGETXATTR, fd, memory.string(name), value.address(), XATTR_LIMIT);
    if (length < 0) {
      throw failed("fgetxattr", "fd=" + fd + ", name=" + name, length);
    }
    byte[] bytes = new byte[(int) length];
    value.bytes().get(0, bytes);
    return bytes;
  }

  @Override
  public void fsetxattr(int fd, OsString name, byte[] value) throws KernelException {
    Scratch memory = scratch();
    Slice copy = memory.take(Math.max(1, value.length));
    copy.bytes().put(0, value);
    long result =
        call(SystemCall.FSETXATTR, fd, memory.string(name), copy.address(), value.length, 0);
    if (result < 0) {
      throw failed("fsetxattr", "fd=" + fd + ", name=" + name, result);
    }
  }

  @Override
  public long mountFlags(int fd) throws KernelException {
    // struct statfs, asm-generic/statfs.h with 64-bit words: f_flags is the eleventh.
    Slice status = scratch().take(120);
    long result = call(SystemCall.FSTATFS, fd, status.address(), 0, 0);
    if (result < 0) {
      throw failed("fstatfs", "fd=" + fd, result);
    }
    return status.bytes().getLong(80);
  }

  @Override
  public void fsync(int fd) throws KernelException {
    long result = call(SystemCall.FSYNC, fd);
    if (result < 0) {
      throw failed("fsync", "fd=" + fd, result);
    }
  }

  @Override
  public void renameat(int directory, OsString from, OsString to) throws KernelException {
    Scratch memory = scratch();
    long result =
        call(SystemCall.RENAMEAT2, directory, memory.string(from), directory, memory.string(to), 0);
    if (result < 0) {
      throw failed("renameat2", place(directory, from) + ", to=" + to, result);
    }
  }

  @Override
  public void execve(OsString path, List<OsString> arguments, List<OsString> environment)
      throws KernelException {
    Scratch memory = scratch();
    long result =
        call(
            SystemCall.EXECVE,
            memory.string(path),
            memory.strings(arguments),
            memory.strings(environment),
            0);
    throw failed("execve", "path=" + path, result);
  }

  @Override
  public int spawn(
      OsString path,
      List<OsString> arguments,
      List<OsString> environment,
      Map<Integer, Integer> descriptors,
      long blocked,
      long ignored)
      throws KernelException {
    int pid =
        programSpawn.run(scratch(), path, arguments, environment, descriptors, blocked, ~ignored);
    if (pid < 0) {
      throw failed("posix_spawn", "path=" + path, pid);
    }
    return pid;
  }

  @Override
  public void endThread() {
    ThreadScratch.release();
  }
}
