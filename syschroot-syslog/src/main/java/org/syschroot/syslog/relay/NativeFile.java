// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/** The file of the native daemon's socket, which may be another one at every look. Thread-safe. */
final class NativeFile {
  private static final OsString DEV = OsString.of("/dev");

  private final Kernel kernel;
  private final HostPath path;
  private final OsString directory;
  private final OsString name;

  NativeFile(Kernel kernel, HostPath path) {
    this.kernel = kernel;
    this.path = path;
    OsString value = path.value();
    this.name = value.baseName();
    this.directory = value.slice(0, Math.max(1, value.length() - name.length() - 1));
  }

  HostPath path() {
    return path;
  }

  /** Returns what is there, symbolic links followed, or null. */
  @Nullable FileStatus status() {
    return statusOf(path.value());
  }

  /** Returns whether a directory and a name in it are this file's. */
  boolean isAt(FileStatus where, OsString entry) {
    FileStatus own = statusOf(directory);
    return own != null && own.sameFileAs(where) && entry.equals(name);
  }

  /** Returns whether a directory is the {@code /dev} of the native system. */
  boolean isNativeDev(FileStatus where) {
    FileStatus dev = statusOf(DEV);
    return dev != null && dev.sameFileAs(where);
  }

  private @Nullable FileStatus statusOf(OsString file) {
    try {
      int fd = kernel.openat(Kernel.AT_FDCWD, file, OpenFlags.O_PATH, 0);
      try {
        return kernel.fstat(fd);
      } finally {
        kernel.close(fd);
      }
    } catch (KernelException notThere) {
      return null;
    }
  }
}
