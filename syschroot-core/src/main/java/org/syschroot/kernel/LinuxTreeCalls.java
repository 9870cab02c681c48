// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/** The calls of the running kernel on trees of files. Thread-safe. */
public final class LinuxTreeCalls implements TreeCalls {
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_NO_AUTOMOUNT = 0x800;
  private static final int AT_STATX_DONT_SYNC = 0x4000;
  private static final int STATX_BASIC_STATS_AND_MNT_ID = 0x7ff | 0x1000;
  private static final int XATTR_LIMIT = 4096;

  private final RawCalls raw = RawCalls.running();

  private LinuxTreeCalls() {}

  /** Returns the kernel that this JVM runs on; the native library is loaded at the first call. */
  public static TreeCalls running() {
    return Holder.CALLS;
  }

  private static final class Holder {
    static final LinuxTreeCalls CALLS = new LinuxTreeCalls();
  }

  @Override
  public FileDetails statx(int directory, OsString path) throws KernelException {
    Scratch memory = ThreadScratch.get();
    Slice status = memory.take(256);
    long result =
        raw.call(
            SystemCall.STATX.number(),
            directory,
            memory.string(path),
            AT_SYMLINK_NOFOLLOW
                | AT_NO_AUTOMOUNT
                | AT_STATX_DONT_SYNC
                | (path.isEmpty() ? MountFlags.AT_EMPTY_PATH : 0),
            STATX_BASIC_STATS_AND_MNT_ID,
            status.address());
    if (result < 0) {
      throw LinuxCalls.failed("statx", LinuxCalls.place(directory, path), result);
    }
    long size = status.bytes().getLong(40); // stx_size
    long modified = status.bytes().getLong(112); // stx_mtime
    int nanoseconds = status.bytes().getInt(120);
    long changed = status.bytes().getLong(96); // stx_ctime
    int changedNanoseconds = status.bytes().getInt(104);
    return new FileDetails(
        LinuxFileCalls.statusOf(status), size, modified, nanoseconds, changed, changedNanoseconds);
  }

  @Override
  public List<OsString> nextNames(int directory) throws KernelException {
    Slice buffer = ThreadScratch.get().take(LinuxFileCalls.DIRECTORY_BUFFER);
    List<OsString> names = new ArrayList<>();
    long length = 1;
    // A directory can begin with "." and "..", and then have more.
    while (names.isEmpty() && length > 0) {
      length =
          raw.call(
              SystemCall.GETDENTS64.number(),
              directory,
              buffer.address(),
              LinuxFileCalls.DIRECTORY_BUFFER,
              0,
              0);
      if (length < 0) {
        throw LinuxCalls.failed("getdents64", "fd=" + directory, length);
      }
      LinuxFileCalls.addNames(buffer, (int) length, names);
    }
    return names;
  }

  @Override
  public byte[] lgetxattr(OsString path, OsString name) throws KernelException {
    Scratch memory = ThreadScratch.get();
    Slice value = memory.take(XATTR_LIMIT);
    long length =
        raw.call(
            SystemCall.LGETXATTR.number(),
            memory.string(path),
            memory.string(name),
            value.address(),
            XATTR_LIMIT,
            0);
    if (length < 0) {
      throw LinuxCalls.failed("lgetxattr", "path=" + path + ", name=" + name, length);
    }
    byte[] bytes = new byte[(int) length];
    value.bytes().get(0, bytes);
    return bytes;
  }
}
