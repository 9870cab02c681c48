// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.trust;

import java.io.IOException;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/** Makes directories with the mode that was asked for, whatever the umask is. Not instantiable. */
public final class NewDirectory {
  private static final int UNFINISHED = 0700;

  private NewDirectory() {}

  static void checkMode(int mode) {
    if ((mode & ~07777) != 0) {
      throw new IllegalArgumentException("0" + Integer.toOctalString(mode) + " is not a mode");
    }
  }

  /**
   * Makes a directory, unless there is something of this name.
   *
   * @param parent a descriptor of the directory to make it in, which may be an {@code O_PATH} one
   * @param mode its permission bits, 0 to 07777
   * @return whether it was made
   * @throws KernelException if a call fails
   */
  public static boolean make(Kernel kernel, int parent, OsString name, int mode)
      throws KernelException {
    checkMode(mode);
    try {
      kernel.mkdirat(parent, name, mode & UNFINISHED);
    } catch (KernelException e) {
      if (e.is(Errno.EEXIST)) {
        return false;
      }
      throw e;
    }
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    int made = kernel.openat(parent, name, flags, 0);
    try {
      FileStatus status = kernel.fstat(made);
      // Whoever may write to the parent could have put another directory in its place; one that is
      // open to more people already is not what was made here.
      if ((status.permissions() & 077) == 0) {
        kernel.fchmod(made, mode);
      }
    } finally {
      ConfinedPath.close(kernel, made);
    }
    return true;
  }

  /** Makes a directory and those above it where they are missing. */
  static void makeAll(Kernel kernel, TrustedPath trust, HostPath path, int mode)
      throws IOException {
    try {
      ConfinedPath.close(kernel, trust.openByOwnLinks(path));
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT) || path.isRoot()) {
        throw e;
      }
      HostPath parent = parent(path);
      makeAll(kernel, trust, parent, mode);
      int directory = trust.openByOwnLinks(parent);
      try {
        make(kernel, directory, path.value().baseName(), mode);
      } finally {
        ConfinedPath.close(kernel, directory);
      }
    }
  }

  static HostPath parent(HostPath path) {
    return HostPath.of(
        path.value().slice(0, path.value().length() - path.value().baseName().length()));
  }
}
