// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.trust.ConfinedPath;

/**
 * Where a new image's own rpm looks for the database that the host's rpm has written: {@code
 * /var/lib/rpm}, or, if the image has the directory, {@code /usr/lib/sysimage/rpm} (Fedora from 36
 * on, SUSE). No link of the image leads out of it. For one thread.
 */
final class RpmDatabasePlace {
  /** Where the host's rpm is told to write it. */
  static final String WRITTEN = "/var/lib/rpm";

  private static final String NEWER = "/usr/lib/sysimage/rpm";
  private static final OsString LINK = OsString.of("../.." + NEWER);
  private static final int PLACE = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;

  private final Kernel kernel;
  private final ConfinedPath confined;

  RpmDatabasePlace(Kernel kernel) {
    this.kernel = kernel;
    this.confined = new ConfinedPath(kernel);
  }

  /** Moves the database to where it is looked for, with a link in its old place. */
  void settle(Path image) throws IOException {
    OsString path = HostPath.of(image.toString()).value();
    int root = kernel.openat(Kernel.AT_FDCWD, path, PLACE | OpenFlags.O_NOFOLLOW, 0);
    try {
      Optional<Integer> written = directory(root, WRITTEN);
      Optional<Integer> wanted = directory(root, NEWER);
      try {
        if (written.isPresent() && wanted.isPresent()) {
          move(root, written.get(), wanted.get());
        }
      } finally {
        close(written);
        close(wanted);
      }
    } finally {
      kernel.close(root);
    }
  }

  private void move(int root, int from, int to) throws IOException {
    if (kernel.fstat(from).sameFileAs(kernel.fstat(to))) {
      return;
    }
    int readable = kernel.openat(from, OsString.of("."), OpenFlags.O_RDONLY, 0);
    try {
      for (OsString name : kernel.getdents(readable)) {
        kernel.renameat(Kernel.AT_FDCWD, in(from, name), in(to, name));
      }
    } finally {
      kernel.close(readable);
    }
    int parent = confined.inImage(root, ImagePath.of("/var/lib"), OpenFlags.O_DIRECTORY);
    try {
      OsString name = OsString.of("rpm");
      kernel.unlinkat(parent, name, OpenFlags.AT_REMOVEDIR);
      kernel.symlinkat(LINK, parent, name);
    } finally {
      kernel.close(parent);
    }
  }

  /** A name in a directory that is open, for a call that has one directory for both names. */
  private static OsString in(int directory, OsString name) {
    return OsString.of("/proc/thread-self/fd/" + directory + "/").plus(name);
  }

  private Optional<Integer> directory(int root, String path) throws KernelException {
    try {
      return Optional.of(
          confined.inImageWithoutLinks(root, ImagePath.of(path), OpenFlags.O_DIRECTORY));
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private void close(Optional<Integer> descriptor) throws KernelException {
    if (descriptor.isPresent()) {
      kernel.close(descriptor.get());
    }
  }
}
