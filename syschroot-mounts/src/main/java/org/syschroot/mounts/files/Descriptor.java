// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.files;

import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.OsString;

/** An open descriptor of ours, and what is asked of it. For one thread. */
public final class Descriptor implements AutoCloseable {
  private static final OsString LINKS = OsString.of("/proc/thread-self/fd/");
  private static final OsString INFOS = OsString.of("/proc/thread-self/fdinfo/");
  private static final int LONGEST_INFO = 4096;

  private final Kernel kernel;
  private final int number;

  public Descriptor(Kernel kernel, int number) {
    this.kernel = kernel;
    this.number = number;
  }

  /** Returns one that was just opened, or closes it if there is no memory for that. */
  public static Descriptor opened(Kernel kernel, int number) {
    try {
      return new Descriptor(kernel, number);
    } catch (OutOfMemoryError e) {
      try {
        kernel.close(number);
      } catch (KernelException closedAllTheSame) {
        // It is gone whatever close(2) says.
      }
      throw e;
    }
  }

  public int number() {
    return number;
  }

  /** Returns a path that leads exactly here, for calls that take no descriptor. */
  public OsString link() {
    return LINKS.plus(OsString.of(Integer.toString(number)));
  }

  /** Returns where it is now, as seen from the thread's root directory. */
  public OsString path() throws KernelException {
    return kernel.readlinkat(Kernel.AT_FDCWD, link());
  }

  /** Returns what it refers to, the number of its mount always included. */
  public FileStatus status() throws KernelException {
    FileStatus status = kernel.fstat(number);
    return status.mountId() >= 0
        ? status
        : new FileStatus(
            status.device(),
            status.inode(),
            status.mode(),
            status.uid(),
            status.gid(),
            mountIdOfInfo());
  }

  /**
   * Returns the number of its mount, also if what is mounted may not be looked at: because the file
   * server behind it is gone, or because it is a FUSE file system that only its user may access.
   */
  public long mountId() throws KernelException {
    try {
      return status().mountId();
    } catch (KernelException e) {
      return mountIdOfInfo(e);
    }
  }

  private long mountIdOfInfo(KernelException otherwise) throws KernelException {
    long id;
    try {
      id = mountIdOfInfo();
    } catch (KernelException e) {
      throw otherwise;
    }
    if (id < 0) {
      throw otherwise;
    }
    return id;
  }

  private long mountIdOfInfo() throws KernelException {
    OsString path = INFOS.plus(OsString.of(Integer.toString(number)));
    try (Descriptor info =
        Descriptor.opened(kernel, kernel.openat(Kernel.AT_FDCWD, path, OpenFlags.O_RDONLY, 0))) {
      return FdInfo.mountId(kernel.read(info.number, LONGEST_INFO));
    }
  }

  /**
   * Closes it. On Linux it is gone whatever close(2) says, and nothing was written through it, so
   * there is nobody to tell.
   */
  @Override
  public void close() {
    try {
      kernel.close(number);
    } catch (KernelException closedAllTheSame) {
      // See above.
    }
  }
}
