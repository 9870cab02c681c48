// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.trust;

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
 * the kernel does not have the call (before Linux 5.6), component by component to the same effect.
 */
public final class ConfinedPath {
  private static final int IN_IMAGE = OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS;
  private static final int NO_LINKS =
      OpenFlags.RESOLVE_NO_SYMLINKS | OpenFlags.RESOLVE_NO_MAGICLINKS;
  // A rename elsewhere makes the kernel give up a walk with EAGAIN; it is the caller's to repeat.
  private static final int MOST_RETRIES = 1024;
  private static final OsString ROOT = OsString.of("/");
  private static final OsString LINKS = OsString.of("/proc/thread-self/fd/");

  private final Kernel kernel;
  private volatile boolean withoutOpenat2;

  /** Creates a way to open paths with the calls of {@code kernel}. */
  public ConfinedPath(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Opens a path of an image as an {@code O_PATH} descriptor, which the caller closes.
   *
   * @param imageRoot a descriptor of the image's root directory
   * @param flags {@code O_DIRECTORY} or 0
   * @throws KernelException if it cannot be opened; {@code ENOENT} if it is missing in the image,
   *     wherever its links would lead on the native system
   */
  public int inImage(int imageRoot, ImagePath path, int flags) throws KernelException {
    int fd = openat2(imageRoot, path.value(), flags, IN_IMAGE);
    return fd >= 0 ? fd : ComponentWalk.open(kernel, imageRoot, path.value(), flags);
  }

  /**
   * Opens a path of an image as {@link #inImage} does; {@code ELOOP} if there is a symbolic link in
   * it, also as its last component.
   *
   * @param imageRoot a descriptor of the image's root directory
   * @param flags {@code O_DIRECTORY} or 0
   */
  public int inImageWithoutLinks(int imageRoot, ImagePath path, int flags) throws KernelException {
    int fd = openat2(imageRoot, path.value(), flags, IN_IMAGE | OpenFlags.RESOLVE_NO_SYMLINKS);
    return fd >= 0 ? fd : ComponentWalk.openWithoutLinks(kernel, imageRoot, path.value(), flags);
  }

  /**
   * Opens a regular file of an image for reading; the caller closes the descriptor. What is there
   * is looked at before it is opened: opening a FIFO could wait, and a device could act.
   *
   * @param imageRoot a descriptor of the image's root directory
   * @throws KernelException if it cannot be opened; {@code ENOENT} if it is missing, {@code EINVAL}
   *     if it is no regular file
   */
  public int regularFileInImage(int imageRoot, ImagePath path) throws KernelException {
    return reopen(inImage(imageRoot, path, 0), path.value());
  }

  /**
   * Opens a regular file of a directory for reading, as {@link #regularFileInImage}; the caller
   * closes the descriptor.
   *
   * @throws KernelException if it cannot be opened; {@code ENOENT} if it is missing, {@code EINVAL}
   *     if it is no regular file, such as a symbolic link
   */
  public int regularFileIn(int directory, OsString name) throws KernelException {
    int place = kernel.openat(directory, name, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW, 0);
    return reopen(place, name);
  }

  private int reopen(int place, OsString path) throws KernelException {
    try {
      if (!kernel.fstat(place).isRegularFile()) {
        throw new KernelException("openat", "path=" + path, Errno.EINVAL.number())
            .withHint("it is not a regular file");
      }
      OsString link = LINKS.plus(OsString.of(Integer.toString(place)));
      return kernel.openat(Kernel.AT_FDCWD, link, OpenFlags.O_RDONLY, 0);
    } finally {
      close(kernel, place);
    }
  }

  /**
   * Opens a path of the native system as an {@code O_PATH} descriptor, which the caller closes.
   *
   * @param flags {@code O_DIRECTORY} or 0
   * @throws KernelException if it cannot be opened; {@code ELOOP} if there is a symbolic link in it
   */
  public int withoutLinks(HostPath path, int flags) throws KernelException {
    int fd = openat2(Kernel.AT_FDCWD, path.value(), flags, NO_LINKS);
    if (fd >= 0) {
      return fd;
    }
    int directory = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    int root = kernel.openat(Kernel.AT_FDCWD, ROOT, directory, 0);
    try {
      return ComponentWalk.openWithoutLinks(kernel, root, path.value(), flags);
    } finally {
      close(kernel, root);
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

  /** The descriptor is gone even if close(2) fails, and nothing was written that could be lost. */
  static void close(Kernel kernel, int descriptor) {
    try {
      kernel.close(descriptor);
    } catch (KernelException goneAnyway) {
      // Nobody has lost anything.
    }
  }
}
