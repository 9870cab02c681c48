// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.List;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.PathResolver;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.quote.ShellQuote;
import org.syschroot.trust.NewDirectory;

/**
 * Opens places to mount on inside an image, and makes them where they are missing. Thread-safe.
 *
 * <p>Paths are resolved as if the image's root were the root directory, so no symbolic link in the
 * image leads to the native system, and what is returned is a descriptor, so nobody can exchange
 * the place afterwards (CVE-2021-30465). Missing directories are made on descriptors likewise
 * (CVE-2024-45310), and only on the image's own file system: where something of the native system
 * is mounted already, a new directory would be made on the native system.
 */
final class MountPoint {
  private static final int MODE_OF_DIRECTORY = 0755;
  private static final int MODE_OF_FILE = 0644;
  private static final OsString TMPFS = OsString.of("tmpfs");

  private final Kernel kernel;
  private final PathResolver resolver;

  MountPoint(Kernel kernel, PathResolver resolver) {
    this.kernel = kernel;
    this.resolver = resolver;
  }

  /**
   * Opens a place, having made it if it was missing.
   *
   * @throws MountException if it is missing and would have to be made on the native system
   * @throws KernelException if a call fails; {@code ENOENT} if a link in the image leads nowhere,
   *     {@code ENOTDIR} if a directory is wanted and something else is there
   */
  Descriptor open(int imageRoot, ImagePath path, boolean ofDirectory) throws IOException {
    int flags = ofDirectory ? OpenFlags.O_DIRECTORY : 0;
    try {
      return resolver.inImage(imageRoot, path, flags);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
      create(imageRoot, path, ofDirectory);
      return resolver.inImage(imageRoot, path, flags);
    }
  }

  private void create(int imageRoot, ImagePath path, boolean ofDirectory) throws IOException {
    ImagePath parent = ImagePath.ROOT;
    List<OsString> names = path.names();
    for (int i = 0; i < names.size(); i++) {
      ImagePath child = parent.resolve(names.get(i));
      if (!exists(imageRoot, child)) {
        try (Descriptor directory = resolver.inImage(imageRoot, parent, OpenFlags.O_DIRECTORY)) {
          requireOfImage(imageRoot, directory, child);
          create(directory, names.get(i), i < names.size() - 1 || ofDirectory);
        }
      }
      parent = child;
    }
  }

  private void create(Descriptor parent, OsString name, boolean directory) throws IOException {
    try {
      if (directory) {
        NewDirectory.make(kernel, parent.number(), name, MODE_OF_DIRECTORY);
      } else {
        createFile(parent, name);
      }
    } catch (KernelException e) {
      throw e.is(Errno.EROFS) || e.is(Errno.ENOSYS) ? e.withHint(remedy(parent)) : e;
    }
  }

  /** A read-only mount needs nothing created, but some filesystems do not say what they are. */
  private String remedy(Descriptor parent) throws IOException {
    String place =
        MountTable.read(kernel)
            .byId(parent.status().mountId())
            .map(entry -> ShellQuote.of(entry.target()).toString())
            .orElse("DIR");
    return "the filesystem is mounted as writable and is not; correct that with: mount -o"
        + " remount,bind,ro "
        + place;
  }

  private boolean exists(int imageRoot, ImagePath path) throws KernelException {
    try (Descriptor found = resolver.inImage(imageRoot, path, 0)) {
      return found.number() >= 0;
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  private void requireOfImage(int imageRoot, Descriptor directory, ImagePath missing)
      throws IOException {
    FileStatus place = directory.status();
    long image = new Descriptor(kernel, imageRoot).status().mountId();
    if (place.mountId() == image) {
      return;
    }
    boolean isTmpfs =
        MountTable.read(kernel).byId(place.mountId()).map(MountEntry::type).stream()
            .anyMatch(TMPFS::equals);
    if (!isTmpfs) {
      throw new MountException(
          "will not create "
              + missing
              + " in the image, because "
              + directory.path()
              + " is on another filesystem than the image: create it yourself first");
    }
  }

  private void createFile(Descriptor parent, OsString name) throws KernelException {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
    try {
      Descriptor.opened(kernel, kernel.openat(parent.number(), name, flags, MODE_OF_FILE)).close();
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }
}
