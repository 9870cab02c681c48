// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/** The calls on files and descriptors. */
abstract class LinuxFileCalls extends LinuxCalls {
  private static final int F_SETFD = 2;
  private static final int FD_CLOEXEC = 1;
  private static final int CLOSE_RANGE_CLOEXEC = 4;
  private static final int STATX_BASIC_STATS_AND_MNT_ID = 0x7ff | 0x1000;
  private static final int STATX_MNT_ID = 0x1000;
  private static final int XATTR_LIMIT = 64 * 1024; // XATTR_SIZE_MAX, linux/limits.h
  static final int DIRECTORY_BUFFER = 32 * 1024;

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
    long result = raw.close(fd);
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
      throw failed("statx", fd(fd), result);
    }
    return statusOf(status);
  }

  @Override
  public void access(int fd, int mode) throws KernelException {
    long result =
        call(
            SystemCall.FACCESSAT2,
            fd,
            scratch().string(OsString.of("")),
            mode,
            OpenFlags.AT_EACCESS | MountFlags.AT_EMPTY_PATH);
    if (result < 0) {
      throw failed("faccessat2", fd(fd) + ", mode=" + mode, result);
    }
  }

  private static String fd(int fd) {
    return fd == AT_FDCWD ? "fd=AT_FDCWD" : "fd=" + fd;
  }

  /**
   * Reads struct statx, linux/stat.h: mask 0, nlink 16, uid 20, gid 24, mode 28, ino 32, dev
   * 136/140, mnt_id 144.
   */
  static FileStatus statusOf(Slice status) {
    boolean knowsMount = (status.bytes().getInt(0) & STATX_MNT_ID) != 0;
    return new FileStatus(
        ((long) status.bytes().getInt(136) << 32) | (status.bytes().getInt(140) & 0xffffffffL),
        status.bytes().getLong(32),
        status.bytes().getShort(28) & 0xffff,
        status.bytes().getInt(20),
        status.bytes().getInt(24),
        knowsMount ? status.bytes().getLong(144) : -1,
        status.bytes().getInt(16));
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
  static void addNames(Slice buffer, int length, List<OsString> names) {
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
  public void fremovexattr(int fd, OsString name) throws KernelException {
    long result = call(SystemCall.FREMOVEXATTR, fd, scratch().string(name), 0, 0);
    if (result < 0) {
      throw failed("fremovexattr", "fd=" + fd + ", name=" + name, result);
    }
  }

  @Override
  public FileSystemStatus fstatfs(int fd) throws KernelException {
    // struct statfs, asm-generic/statfs.h with 64-bit words: f_bfree is the fourth, f_files the
    // sixth, f_ffree the seventh, f_fsid the eighth, f_flags the eleventh.
    Slice status = scratch().take(120);
    long result = call(SystemCall.FSTATFS, fd, status.address(), 0, 0);
    if (result < 0) {
      throw failed("fstatfs", "fd=" + fd, result);
    }
    ByteBuffer words = status.bytes();
    boolean full = words.getLong(40) != 0 && words.getLong(48) == 0 && words.getLong(24) == 0;
    return new FileSystemStatus(words.getLong(0), words.getLong(56), words.getLong(80), full);
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
  public void linkat(int directory, OsString from, OsString to) throws KernelException {
    Scratch memory = scratch();
    long result =
        call(SystemCall.LINKAT, directory, memory.string(from), directory, memory.string(to), 0);
    if (result < 0) {
      throw failed("linkat", place(directory, from) + ", to=" + to, result);
    }
  }
}
