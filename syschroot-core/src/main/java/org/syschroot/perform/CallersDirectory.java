// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.OsString;

/**
 * The working directory that the caller had on the host, kept open: a pathname would lead into the
 * image later, and an open directory keeps its inode number also where a filesystem (overlayfs)
 * makes up another one at the next look. For one switch.
 */
final class CallersDirectory {
  private static final OsString HERE = OsString.of(".");

  private final Kernel kernel;
  private int descriptor = -1;

  /** What another directory is to the caller's. */
  enum Likeness {
    /** The same one. */
    SAME,
    /** Another one, and nobody can write a file into the wrong one. */
    OTHER,
    /** Another one, and the calling thread may write to one of the two. */
    OTHER_TO_WRITE,
    /** One of the two cannot be looked at. */
    UNKNOWN
  }

  CallersDirectory(Kernel kernel) {
    this.kernel = kernel;
  }

  void open() throws KernelException {
    try {
      descriptor = kernel.openat(Kernel.AT_FDCWD, HERE, OpenFlags.O_PATH, 0);
    } catch (KernelException e) {
      if (!e.is(Errno.EACCES)) { // EACCES: on NFS root can be less than the user
        throw e;
      }
    }
  }

  void close() throws KernelException {
    int open = descriptor;
    descriptor = -1;
    if (open >= 0) {
      kernel.close(open);
    }
  }

  /**
   * Compares with the working directory that the calling thread has by now. Opens nothing: the
   * limit of open files may be that of the command already.
   */
  Likeness likenessOfCurrent() throws KernelException {
    if (descriptor < 0) {
      return Likeness.UNKNOWN;
    }
    if (kernel.fstat(descriptor).sameFileAs(kernel.fstat(Kernel.AT_FDCWD))) {
      return Likeness.SAME;
    }
    return mayWrite(descriptor) || mayWrite(Kernel.AT_FDCWD)
        ? Likeness.OTHER_TO_WRITE
        : Likeness.OTHER;
  }

  private boolean mayWrite(int directory) {
    try {
      kernel.access(directory, OpenFlags.W_OK);
      return true;
    } catch (KernelException e) {
      // Another errno (ENOSYS before Linux 5.8) does not say, and then it is told.
      return !e.is(Errno.EACCES) && !e.is(Errno.EROFS) && !e.is(Errno.EPERM);
    }
  }
}
