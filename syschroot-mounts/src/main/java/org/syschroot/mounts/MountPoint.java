// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.util.List;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * Opens places to mount on inside an image, and makes them where they are missing.
 *
 * <p>Paths are resolved by the kernel as if the image's root were the root directory, so no
 * symbolic link in the image leads to the native system, and what is returned is a descriptor, so
 * nobody can exchange the place afterwards (CVE-2021-30465). Missing directories are made on
 * descriptors likewise (CVE-2024-45310).
 */
final class MountPoint {
  private static final int IN_IMAGE = OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS;
  private static final int MODE_OF_DIRECTORY = 0755;
  private static final int MODE_OF_FILE = 0644;
  // A rename elsewhere makes the kernel give up a walk with EAGAIN; it is the caller's to repeat.
  private static final int MOST_RETRIES = 128;

  private final Kernel kernel;
  private final int imageRoot;

  MountPoint(Kernel kernel, int imageRoot) {
    this.kernel = kernel;
    this.imageRoot = imageRoot;
  }

  /** Returns an {@code O_PATH} descriptor, which the caller closes. */
  int open(ImagePath path, boolean ofDirectory) throws KernelException {
    try {
      return resolve(path, ofDirectory ? OpenFlags.O_DIRECTORY : 0);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
      create(path, ofDirectory);
      return resolve(path, ofDirectory ? OpenFlags.O_DIRECTORY : 0);
    }
  }

  private int resolve(ImagePath path, int flags) throws KernelException {
    for (int attempt = 1; ; attempt++) {
      try {
        return kernel.openat2(imageRoot, path.value(), OpenFlags.O_PATH | flags, 0, IN_IMAGE);
      } catch (KernelException e) {
        if (e.is(Errno.ENOSYS)) {
          throw e.withHint("mounting in an image needs Linux 5.6 or later");
        }
        if (!e.is(Errno.EAGAIN) || attempt == MOST_RETRIES) {
          throw e;
        }
      }
    }
  }

  private void create(ImagePath path, boolean ofDirectory) throws KernelException {
    ImagePath parent = ImagePath.ROOT;
    List<OsString> names = path.names();
    for (int i = 0; i < names.size(); i++) {
      int directory = resolve(parent, OpenFlags.O_DIRECTORY);
      try {
        if (i < names.size() - 1 || ofDirectory) {
          createDirectory(directory, names.get(i));
        } else {
          createFile(directory, names.get(i));
        }
      } finally {
        kernel.close(directory);
      }
      parent = parent.resolve(names.get(i));
    }
  }

  private void createDirectory(int parent, OsString name) throws KernelException {
    try {
      kernel.mkdirat(parent, name, MODE_OF_DIRECTORY);
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }

  private void createFile(int parent, OsString name) throws KernelException {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
    try {
      kernel.close(kernel.openat(parent, name, flags, MODE_OF_FILE));
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }
}
