// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;
import org.syschroot.path.OsString;

/**
 * The running Linux kernel, called through jnr-ffi. Thread-safe.
 *
 * <p>All calls go through syscall(2) with the numbers of {@link SystemCall}: glibc's wrappers of
 * setuid(2) and its kin would change every thread of the JVM, and several calls have no wrapper.
 */
public final class LinuxKernel implements Kernel {
  private static final int F_SETFD = 2;
  private static final int FD_CLOEXEC = 1;
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

  private final LibC libc;
  private final Runtime runtime;
  private final ThreadLocal<Scratch> scratch;

  private LinuxKernel() {
    this.libc = LibraryLoader.create(LibC.class).load("c");
    this.runtime = Runtime.getRuntime(libc);
    this.scratch = ThreadLocal.withInitial(() -> new Scratch(runtime));
  }

  /** Returns the kernel that this JVM runs on; the native library is loaded at the first call. */
  public static Kernel running() {
    return Holder.KERNEL;
  }

  private static final class Holder {
    static final LinuxKernel KERNEL = new LinuxKernel();
  }

  /** Returns the result of a call, or the negative errno. */
  private long call(SystemCall call, long a, long b, long c, long d, long e, long f) {
    long result = libc.syscall(call.number(), a, b, c, d, e, f);
    // Between the call and the look at errno there must be no other native call.
    return result == -1 ? -runtime.getLastError() : result;
  }

  private long call(SystemCall call, long a, long b, long c, long d) {
    return call(call, a, b, c, d, 0, 0);
  }

  private long call(SystemCall call, long a) {
    return call(call, a, 0, 0, 0, 0, 0);
  }

  private Scratch scratch() {
    return scratch.get().reset();
  }

  private static void check(long result, String call, String arguments) throws KernelException {
    if (result < 0) {
      throw new KernelException(call, arguments, (int) -result);
    }
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
      throw new KernelException(
          "openat", place(directory, path) + ", flags=" + OpenFlags.describe(flags), (int) -result);
    }
    return (int) result;
  }

  @Override
  public int openat2(int directory, OsString path, int flags, int mode, int resolve)
      throws KernelException {
    Scratch memory = scratch();
    Pointer how = memory.take(24);
    how.putLong(0, (flags | OpenFlags.O_CLOEXEC) & 0xffffffffL);
    how.putLong(8, mode);
    how.putLong(16, resolve);
    long result = call(SystemCall.OPENAT2, directory, memory.string(path), how.address(), 24);
    if (result < 0) {
      throw new KernelException(
          "openat2",
          place(directory, path)
              + ", flags="
              + OpenFlags.describe(flags)
              + ", resolve="
              + OpenFlags.describeResolve(resolve),
          (int) -result);
    }
    return (int) result;
  }

  @Override
  public void close(int fd) throws KernelException {
    check(call(SystemCall.CLOSE, fd), "close", "fd=" + fd);
  }

  @Override
  public byte[] read(int fd, int limit) throws KernelException {
    Pointer buffer = scratch().take(Math.max(1, limit));
    long total = 0;
    while (total < limit) {
      long count = call(SystemCall.READ, fd, buffer.address() + total, limit - total, 0);
      if (count == -Errno.EINTR.number()) {
        continue;
      }
      check(count, "read", "fd=" + fd);
      if (count == 0) {
        break;
      }
      total += count;
    }
    byte[] bytes = new byte[(int) total];
    buffer.get(0, bytes, 0, bytes.length);
    return bytes;
  }

  @Override
  public void write(int fd, byte[] bytes) throws KernelException {
    Pointer buffer = scratch().take(Math.max(1, bytes.length));
    buffer.put(0, bytes, 0, bytes.length);
    long written = 0;
    while (written < bytes.length) {
      long count =
          call(SystemCall.WRITE, fd, buffer.address() + written, bytes.length - written, 0);
      if (count == -Errno.EINTR.number()) {
        continue;
      }
      check(count, "write", "fd=" + fd);
      written += count;
    }
  }

  @Override
  public FileStatus fstat(int fd) throws KernelException {
    Scratch memory = scratch();
    Pointer status = memory.take(256);
    check(
        call(
            SystemCall.STATX,
            fd,
            memory.string(OsString.of("")),
            MountFlags.AT_EMPTY_PATH,
            STATX_BASIC_STATS_AND_MNT_ID,
            status.address(),
            0),
        "statx",
        "fd=" + fd);
    // struct statx, linux/stat.h: mask 0, uid 20, gid 24, mode 28, ino 32, dev 136/140, mnt_id 144.
    boolean knowsMount = (status.getInt(0) & STATX_MNT_ID) != 0;
    return new FileStatus(
        ((long) status.getInt(136) << 32) | (status.getInt(140) & 0xffffffffL),
        status.getLong(32),
        status.getShort(28) & 0xffff,
        status.getInt(20),
        status.getInt(24),
        knowsMount ? status.getLong(144) : -1);
  }

  @Override
  public OsString readlinkat(int directory, OsString path) throws KernelException {
    Scratch memory = scratch();
    Pointer buffer = memory.take(PATH_MAX);
    long length =
        call(SystemCall.READLINKAT, directory, memory.string(path), buffer.address(), PATH_MAX);
    check(length, "readlinkat", place(directory, path));
    return bytes(buffer, (int) length);
  }

  private static OsString bytes(Pointer buffer, int length) {
    byte[] bytes = new byte[length];
    buffer.get(0, bytes, 0, length);
    return OsString.ofBytes(bytes);
  }

  @Override
  public void mkdirat(int directory, OsString name, int mode) throws KernelException {
    check(
        call(SystemCall.MKDIRAT, directory, scratch().string(name), mode, 0),
        "mkdirat",
        place(directory, name));
  }

  @Override
  public List<Integer> openDescriptors() throws KernelException {
    List<Integer> open = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path entry : entries) {
        open.add(Integer.valueOf(entry.getFileName().toString()));
      }
    } catch (IOException noProc) {
      throw (KernelException)
          new KernelException("getdents64", "path=/proc/self/fd", Errno.ENOENT.number())
              .initCause(noProc);
    }
    Collections.sort(open);
    return List.copyOf(open);
  }

  @Override
  public void setCloseOnExec(int fd, boolean closeOnExec) throws KernelException {
    check(
        call(SystemCall.FCNTL, fd, F_SETFD, closeOnExec ? FD_CLOEXEC : 0, 0),
        "fcntl",
        "fd=" + fd + ", F_SETFD");
  }

  @Override
  public void unshare(int flags) throws KernelException {
    check(call(SystemCall.UNSHARE, flags), "unshare", "flags=" + CloneFlags.describe(flags));
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
            data == null ? 0 : memory.string(data),
            0);
    if (result < 0) {
      throw new KernelException(
          "mount",
          "source="
              + source
              + ", target="
              + target
              + (type == null ? "" : ", type=" + type)
              + ", flags="
              + MountFlags.describe(flags)
              + (data == null ? "" : ", data=" + data),
          (int) -result);
    }
  }

  @Override
  public void umount2(OsString target, int flags) throws KernelException {
    check(
        call(SystemCall.UMOUNT2, scratch().string(target), flags, 0, 0),
        "umount2",
        "target=" + target);
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
      throw new KernelException(
          "open_tree",
          place(directory, path) + ", flags=" + MountFlags.describeTree(flags),
          (int) -result);
    }
    return (int) result;
  }

  @Override
  public void mountSetattr(int directory, OsString path, int flags, long set, long propagation)
      throws KernelException {
    Scratch memory = scratch();
    Pointer attributes = memory.take(32);
    attributes.putLong(0, set);
    attributes.putLong(8, 0);
    attributes.putLong(16, propagation);
    attributes.putLong(24, 0);
    long result =
        call(
            SystemCall.MOUNT_SETATTR,
            directory,
            memory.string(path),
            flags,
            attributes.address(),
            32,
            0);
    if (result < 0) {
      throw new KernelException(
          "mount_setattr",
          place(directory, path)
              + ", set="
              + MountFlags.describeAttributes(set)
              + ", propagation="
              + MountFlags.describe(propagation),
          (int) -result);
    }
  }

  @Override
  public void moveMount(int mount, int target) throws KernelException {
    final int fromAndToEmptyPath = 0x04 | 0x40;
    Scratch memory = scratch();
    long empty = memory.string(OsString.of(""));
    check(
        call(SystemCall.MOVE_MOUNT, mount, empty, target, empty, fromAndToEmptyPath, 0),
        "move_mount",
        "from=" + mount + ", to=" + target);
  }

  @Override
  public void chroot(OsString path) throws KernelException {
    check(call(SystemCall.CHROOT, scratch().string(path)), "chroot", "path=" + path);
  }

  @Override
  public void chdir(OsString path) throws KernelException {
    check(call(SystemCall.CHDIR, scratch().string(path)), "chdir", "path=" + path);
  }

  @Override
  public void fchdir(int fd) throws KernelException {
    check(call(SystemCall.FCHDIR, fd), "fchdir", "fd=" + fd);
  }

  @Override
  public OsString getcwd() throws KernelException {
    Pointer buffer = scratch().take(PATH_MAX);
    long length = call(SystemCall.GETCWD, buffer.address(), PATH_MAX, 0, 0);
    check(length, "getcwd", "");
    return bytes(buffer, (int) length - 1);
  }

  @Override
  public long personality(long persona) throws KernelException {
    long before = call(SystemCall.PERSONALITY, persona & 0xffffffffL);
    check(before, "personality", "persona=0x" + Long.toHexString(persona));
    return before;
  }

  @Override
  public void setgroups(List<Integer> groups) throws KernelException {
    Pointer array = scratch().take(Math.max(4, 4L * groups.size()));
    for (int i = 0; i < groups.size(); i++) {
      array.putInt(4L * i, groups.get(i));
    }
    check(
        call(SystemCall.SETGROUPS, groups.size(), array.address(), 0, 0),
        "setgroups",
        "groups=" + groups);
  }

  @Override
  public void setresgid(int gid) throws KernelException {
    check(call(SystemCall.SETRESGID, gid, gid, gid, 0), "setresgid", "gid=" + gid);
  }

  @Override
  public void setresuid(int uid) throws KernelException {
    check(call(SystemCall.SETRESUID, uid, uid, uid, 0), "setresuid", "uid=" + uid);
  }

  @Override
  public void setNoNewPrivileges() throws KernelException {
    check(call(SystemCall.PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0), "prctl", "PR_SET_NO_NEW_PRIVS");
  }

  @Override
  public void dropCapability(int capability) throws KernelException {
    check(
        call(SystemCall.PRCTL, PR_CAPBSET_DROP, capability, 0, 0),
        "prctl",
        "PR_CAPBSET_DROP, " + capability);
    check(
        call(SystemCall.PRCTL, PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, capability, 0),
        "prctl",
        "PR_CAP_AMBIENT_LOWER, " + capability);
    removeFromInheritable(capability);
  }

  /** Root's programs start with their inheritable set, whatever the bounding set says. */
  private void removeFromInheritable(int capability) throws KernelException {
    Scratch memory = scratch();
    Pointer header = memory.take(8);
    header.putInt(0, CAPABILITY_VERSION_3);
    header.putInt(4, 0);
    Pointer sets = memory.take(24);
    check(call(SystemCall.CAPGET, header.address(), sets.address(), 0, 0), "capget", "");
    // Two groups of 32: effective, permitted, inheritable of each.
    long inheritable = capability < 32 ? 8 : 20;
    sets.putInt(inheritable, sets.getInt(inheritable) & ~(1 << (capability & 31)));
    check(
        call(SystemCall.CAPSET, header.address(), sets.address(), 0, 0),
        "capset",
        "inheritable without " + capability);
  }

  @Override
  public ResourceLimit getrlimit(int resource) throws KernelException {
    Pointer limit = scratch().take(16);
    check(
        call(SystemCall.PRLIMIT64, 0, resource, 0, limit.address()),
        "prlimit64",
        "resource=" + resource);
    return new ResourceLimit(limit.getLong(0), limit.getLong(8));
  }

  @Override
  public void setrlimit(int resource, ResourceLimit limit) throws KernelException {
    Pointer words = scratch().take(16);
    words.putLong(0, limit.soft());
    words.putLong(8, limit.hard());
    check(
        call(SystemCall.PRLIMIT64, 0, resource, words.address(), 0),
        "prlimit64",
        "resource="
            + resource
            + ", soft="
            + Long.toUnsignedString(limit.soft())
            + ", hard="
            + Long.toUnsignedString(limit.hard()));
  }

  @Override
  public void setSignalMask(long mask) throws KernelException {
    Pointer set = scratch().take(SIGNAL_SET_BYTES);
    set.putLong(0, mask);
    check(
        call(SystemCall.RT_SIGPROCMASK, SIG_SETMASK, set.address(), 0, SIGNAL_SET_BYTES),
        "rt_sigprocmask",
        "SIG_SETMASK, 0x" + Long.toHexString(mask));
  }

  @Override
  public void ignoreSignal(int signal) throws KernelException {
    // struct kernel_sigaction: handler, flags, restorer, mask; all zero but the handler.
    Pointer action = scratch().take(32);
    action.putLong(0, SIG_IGN);
    action.putLong(8, 0);
    action.putLong(16, 0);
    action.putLong(24, 0);
    check(
        call(SystemCall.RT_SIGACTION, signal, action.address(), 0, SIGNAL_SET_BYTES),
        "rt_sigaction",
        "signal=" + signal + ", SIG_IGN");
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
    check(result, "execve", "path=" + path);
  }
}
