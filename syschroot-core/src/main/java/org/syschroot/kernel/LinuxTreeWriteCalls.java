// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.List;
import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/** The calls of the running kernel for making trees of files. Thread-safe. */
public final class LinuxTreeWriteCalls implements TreeWriteCalls {
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int S_IFIFO = 0010000;
  private static final int BLOCK = 64 * 1024;
  private static final int XATTR_LIMIT =
      64 * 1024; // XATTR_SIZE_MAX, XATTR_LIST_MAX, linux/limits.h
  // The calls on attributes take paths only. The last component is not followed as a link.
  private static final OsString DESCRIPTORS = OsString.of("/proc/thread-self/fd/");
  private static final OsString SLASH = OsString.of("/");

  private final RawCalls raw = RawCalls.running();

  private LinuxTreeWriteCalls() {}

  /** Returns the kernel that this JVM runs on; the native library is loaded at the first call. */
  public static TreeWriteCalls running() {
    return Holder.CALLS;
  }

  private static final class Holder {
    static final LinuxTreeWriteCalls CALLS = new LinuxTreeWriteCalls();
  }

  private long call(SystemCall call, long a, long b, long c, long d, long e) {
    long result = raw.call(call.number(), a, b, c, d, e);
    while (result == -Errno.EINTR.number()) {
      result = raw.call(call.number(), a, b, c, d, e);
    }
    return result;
  }

  @Override
  public void write(int fd, byte[] bytes, int offset, int length) throws KernelException {
    int done = 0;
    while (done < length) {
      int size = Math.min(BLOCK, length - done);
      Slice block = ThreadScratch.get().take(size);
      block.bytes().put(0, bytes, offset + done, size);
      long written = call(SystemCall.WRITE, fd, block.address(), size, 0, 0);
      if (written < 0) {
        throw LinuxCalls.failed("write", "fd=" + fd, written);
      }
      done += (int) written;
    }
  }

  @Override
  public long lseek(int fd, long offset, int whence) throws KernelException {
    long result = call(SystemCall.LSEEK, fd, offset, whence, 0, 0);
    if (result < 0) {
      throw LinuxCalls.failed("lseek", "fd=" + fd + ", offset=" + offset, result);
    }
    return result;
  }

  @Override
  public void ftruncate(int fd, long size) throws KernelException {
    long result = call(SystemCall.FTRUNCATE, fd, size, 0, 0, 0);
    if (result < 0) {
      throw LinuxCalls.failed("ftruncate", "fd=" + fd + ", length=" + size, result);
    }
  }

  @Override
  public long sendfile(int to, int from, long length) throws KernelException {
    long result = call(SystemCall.SENDFILE, to, from, 0, length, 0);
    if (result < 0) {
      throw LinuxCalls.failed("sendfile", "out_fd=" + to + ", in_fd=" + from, result);
    }
    return result;
  }

  @Override
  public void chown(int directory, OsString name, int uid, int gid) throws KernelException {
    long path = ThreadScratch.get().string(name);
    int flags = AT_SYMLINK_NOFOLLOW | (name.isEmpty() ? MountFlags.AT_EMPTY_PATH : 0);
    long result = call(SystemCall.FCHOWNAT, directory, path, uid, gid, flags);
    if (result < 0) {
      String owner = ", owner=" + Integer.toUnsignedString(uid);
      String group = ", group=" + Integer.toUnsignedString(gid);
      throw LinuxCalls.failed(
          "fchownat", LinuxCalls.place(directory, name) + owner + group, result);
    }
  }

  @Override
  public void setTimes(int directory, OsString name, long seconds, int nanoseconds)
      throws KernelException {
    Scratch memory = ThreadScratch.get();
    Slice times = memory.take(32);
    for (int time = 0; time < 32; time += 16) {
      times.bytes().putLong(time, seconds).putLong(time + 8, nanoseconds);
    }
    // The kernel takes a null pointer, and not an empty name, for the descriptor itself.
    long path = name.isEmpty() ? 0 : memory.string(name);
    int flags = name.isEmpty() ? 0 : AT_SYMLINK_NOFOLLOW;
    long result = call(SystemCall.UTIMENSAT, directory, path, times.address(), flags, 0);
    if (result < 0) {
      throw LinuxCalls.failed("utimensat", LinuxCalls.place(directory, name), result);
    }
  }

  @Override
  public void link(int fromDirectory, OsString from, int toDirectory, OsString to)
      throws KernelException {
    Scratch memory = ThreadScratch.get();
    long result =
        call(
            SystemCall.LINKAT,
            fromDirectory,
            memory.string(from),
            toDirectory,
            memory.string(to),
            0);
    if (result < 0) {
      throw LinuxCalls.failed("linkat", "from=" + from + ", to=" + to, result);
    }
  }

  @Override
  public void mkfifo(int directory, OsString name, int mode) throws KernelException {
    long path = ThreadScratch.get().string(name);
    long result = call(SystemCall.MKNODAT, directory, path, S_IFIFO | mode, 0, 0);
    if (result < 0) {
      throw LinuxCalls.failed("mknodat", LinuxCalls.place(directory, name), result);
    }
  }

  @Override
  public List<OsString> attributes(int directory, OsString name) throws KernelException {
    Scratch memory = ThreadScratch.get();
    long path = memory.string(path(directory, name));
    Slice list = memory.take(XATTR_LIMIT);
    long length = call(SystemCall.LLISTXATTR, path, list.address(), XATTR_LIMIT, 0, 0);
    if (length < 0) {
      throw LinuxCalls.failed("llistxattr", LinuxCalls.place(directory, name), length);
    }
    return OsString.split(copy(list, length));
  }

  @Override
  public byte[] attribute(int directory, OsString name, OsString attribute) throws KernelException {
    Scratch memory = ThreadScratch.get();
    long path = memory.string(path(directory, name));
    Slice value = memory.take(XATTR_LIMIT);
    long length =
        call(SystemCall.LGETXATTR, path, memory.string(attribute), value.address(), XATTR_LIMIT, 0);
    if (length < 0) {
      throw failed("lgetxattr", directory, name, attribute, length);
    }
    return copy(value, length);
  }

  @Override
  public void setAttribute(int directory, OsString name, OsString attribute, byte[] value)
      throws KernelException {
    Scratch memory = ThreadScratch.get();
    long path = memory.string(path(directory, name));
    Slice copy = memory.take(Math.max(1, value.length));
    copy.bytes().put(0, value);
    long result =
        call(SystemCall.LSETXATTR, path, memory.string(attribute), copy.address(), value.length, 0);
    if (result < 0) {
      throw failed("lsetxattr", directory, name, attribute, result);
    }
  }

  private static OsString path(int directory, OsString name) {
    OsString open = DESCRIPTORS.plus(OsString.of(Integer.toString(directory)));
    return name.isEmpty() ? open : open.plus(SLASH).plus(name);
  }

  private static byte[] copy(Slice from, long length) {
    byte[] bytes = new byte[(int) length];
    from.bytes().get(0, bytes);
    return bytes;
  }

  private static KernelException failed(
      String call, int directory, OsString name, OsString attribute, long result) {
    return LinuxCalls.failed(
        call, LinuxCalls.place(directory, name) + ", name=" + attribute, result);
  }
}
