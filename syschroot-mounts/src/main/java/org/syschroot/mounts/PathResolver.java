// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * Opens paths so that no symbolic link leads where it should not. Thread-safe.
 *
 * <p>In an image, paths are resolved by openat2(2) as if its root were the root directory; where
 * the kernel does not have the call, by {@link ComponentWalk}.
 */
final class PathResolver {
  private static final int IN_IMAGE = OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS;
  private static final int NO_LINKS =
      OpenFlags.RESOLVE_NO_SYMLINKS | OpenFlags.RESOLVE_NO_MAGICLINKS;
  // A rename elsewhere makes the kernel give up a walk with EAGAIN; it is the caller's to repeat.
  private static final int MOST_RETRIES = 1024;
  private static final OsString ROOT = OsString.of("/");

  private final Kernel kernel;
  private volatile boolean withoutOpenat2;

  PathResolver(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Opens a path of an image as an {@code O_PATH} descriptor.
   *
   * @param flags {@code O_DIRECTORY} or 0
   */
  Descriptor inImage(int imageRoot, ImagePath path, int flags) throws KernelException {
    int fd = openat2(imageRoot, path.value(), flags, IN_IMAGE);
    return new Descriptor(
        kernel, fd >= 0 ? fd : ComponentWalk.open(kernel, imageRoot, path.value(), flags));
  }

  /**
   * Opens a path of the native system as an {@code O_PATH} descriptor; {@code ELOOP} if there is a
   * symbolic link in it. Paths in a mount table have none.
   */
  Descriptor withoutLinks(HostPath path, int flags) throws KernelException {
    int fd = openat2(Kernel.AT_FDCWD, path.value(), flags, NO_LINKS);
    if (fd >= 0) {
      return new Descriptor(kernel, fd);
    }
    int directory = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    try (Descriptor root =
        new Descriptor(kernel, kernel.openat(Kernel.AT_FDCWD, ROOT, directory, 0))) {
      return new Descriptor(
          kernel, ComponentWalk.openWithoutLinks(kernel, root.number(), path.value(), flags));
    }
  }

  /** Returns a descriptor, or -1 if the kernel does not have openat2(2). */
  private int openat2(int directory, OsString path, int flags, int resolve) throws KernelException {
    for (int attempt = 1; !withoutOpenat2; attempt++) {
      try {
        return kernel.openat2(directory, path, OpenFlags.O_PATH | flags, 0, resolve);
      } catch (KernelException e) {
        if (e.is(Errno.ENOSYS)) {
          withoutOpenat2 = true;
        } else if (!e.is(Errno.EAGAIN) || attempt == MOST_RETRIES) {
          throw e;
        }
      }
    }
    return -1;
  }
}
