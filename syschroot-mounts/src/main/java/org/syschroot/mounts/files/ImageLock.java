// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.files;

import java.io.IOException;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.trust.NewDirectory;
import org.syschroot.trust.TrustedPath;

/**
 * Lets one process at a time change the mounts of an image, by flock(2).
 *
 * <p>Not on the image's directory itself: whoever may read it could hold that lock for ever. The
 * file is named by device and inode of the image's root, so that an image of two names has one
 * lock. It is never deleted: a file that somebody waits for must stay the one that others find.
 */
public final class ImageLock implements AutoCloseable {
  /** Where the locks are; root's alone, and gone after a restart. */
  public static final HostPath DIRECTORY = HostPath.of("/run/syschroot");

  private static final int MODE_OF_DIRECTORY = 0755;
  private static final int MODE_OF_FILE = 0600;

  private final Descriptor file;

  private ImageLock(Descriptor file) {
    this.file = file;
  }

  /**
   * Waits until nobody else holds the lock, and takes it.
   *
   * @param directory the directory of the locks, which is made if it is missing
   * @throws org.syschroot.path.UntrustedException if others could change the directory
   */
  public static ImageLock take(Kernel kernel, TrustedPath trust, HostPath directory, int imageRoot)
      throws IOException {
    NewDirectory.make(kernel, Kernel.AT_FDCWD, directory.value(), MODE_OF_DIRECTORY);
    try (Descriptor holder = Descriptor.opened(kernel, trust.open(directory))) {
      OsString name = name(kernel.fstat(imageRoot), ".lock");
      int flags = OpenFlags.O_CREAT | OpenFlags.O_NOFOLLOW;
      Descriptor file =
          Descriptor.opened(kernel, kernel.openat(holder.number(), name, flags, MODE_OF_FILE));
      return locked(kernel, file);
    }
  }

  /** Returns the name of a file that is kept for an image. */
  public static OsString name(FileStatus image, String suffix) {
    return OsString.of(Long.toHexString(image.device()) + "-" + image.inode() + suffix);
  }

  private static ImageLock locked(Kernel kernel, Descriptor file) throws KernelException {
    try {
      kernel.flock(file.number(), OpenFlags.LOCK_EX);
      return new ImageLock(file);
    } catch (KernelException e) {
      file.close();
      throw e;
    }
  }

  /** Gives the lock up. */
  @Override
  public void close() {
    file.close();
  }
}
