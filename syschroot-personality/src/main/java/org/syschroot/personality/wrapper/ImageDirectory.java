// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.wrapper;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Optional;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.trust.ConfinedPath;
import org.syschroot.trust.WholeFile;

/**
 * A directory in the file system of an image, held by descriptor: what is done by a name in it is
 * done there, wherever a link in the image leads meanwhile. For one thread.
 */
final class ImageDirectory implements AutoCloseable {
  private static final int BLOCK = 1 << 16;
  private static final int MOST_BYTES = 1 << 20;

  private final Kernel kernel;
  private final ConfinedPath paths;
  private final ImagePath path;
  private final int descriptor;

  private ImageDirectory(Kernel kernel, ConfinedPath paths, ImagePath path, int descriptor) {
    this.kernel = kernel;
    this.paths = paths;
    this.path = path;
    this.descriptor = descriptor;
  }

  /**
   * Opens a directory.
   *
   * @return the directory, empty if it is missing
   * @throws IOException if it is on a mount in the image, which may be the native system's, or a
   *     call fails
   */
  static Optional<ImageDirectory> open(Kernel kernel, int imageRoot, ImagePath path)
      throws IOException {
    ConfinedPath paths = new ConfinedPath(kernel);
    int descriptor;
    try {
      descriptor = paths.inImage(imageRoot, path, OpenFlags.O_DIRECTORY);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return Optional.empty();
      }
      throw e;
    }
    ImageDirectory directory = new ImageDirectory(kernel, paths, path, descriptor);
    FileStatus root = kernel.fstat(imageRoot);
    FileStatus own = directory.status();
    if (own.device() != root.device() || own.mountId() != root.mountId()) {
      directory.close();
      throw new IOException(path + " in the image is on another filesystem than the image");
    }
    return Optional.of(directory);
  }

  ImagePath path() {
    return path;
  }

  ImagePath path(String name) {
    return path.resolve(name);
  }

  FileStatus status() throws KernelException {
    return kernel.fstat(descriptor);
  }

  /** Returns what has a name, links not followed. */
  Optional<FileStatus> status(String name) throws KernelException {
    try {
      int flags = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;
      int place = kernel.openat(descriptor, OsString.of(name), flags, 0);
      try {
        return Optional.of(kernel.fstat(place));
      } finally {
        kernel.close(place);
      }
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  String linkText(String name) throws KernelException {
    return kernel.readlinkat(descriptor, OsString.of(name)).toString();
  }

  /** Returns a descriptor of a regular file for reading, which the caller closes. */
  int reading(String name) throws KernelException {
    return paths.regularFileIn(descriptor, OsString.of(name));
  }

  /**
   * Returns the content of a regular file, empty if there is none of the name.
   *
   * @throws IOException if it is more than 1 MiB, or a call fails
   */
  Optional<byte[]> content(String name) throws IOException {
    int file;
    try {
      file = reading(name);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
    try {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (byte[] more = kernel.read(file, BLOCK);
          more.length > 0;
          more = kernel.read(file, BLOCK)) {
        all.writeBytes(more);
        if (all.size() > MOST_BYTES) {
          throw new IOException(
              path(name) + " in the image has more than " + MOST_BYTES + " bytes");
        }
      }
      return Optional.of(all.toByteArray());
    } finally {
      kernel.close(file);
    }
  }

  /** Puts a file in the place of what has its name, all of it or nothing. */
  void replace(String name, byte[] content, int mode) throws KernelException {
    WholeFile.replaceIn(kernel, descriptor, OsString.of(name), content, mode);
  }

  /** Gives a file a second name, in the place of what has it. */
  void link(String from, String to) throws KernelException {
    OsString next = next(to);
    remove(next);
    kernel.linkat(descriptor, OsString.of(from), next);
    kernel.renameat(descriptor, next, OsString.of(to));
    // A rename to another name of the same file does nothing, and both names stay.
    remove(next);
  }

  void rename(String from, String to) throws KernelException {
    kernel.renameat(descriptor, OsString.of(from), OsString.of(to));
  }

  void remove(String name) throws KernelException {
    remove(OsString.of(name));
  }

  private static OsString next(String name) {
    return OsString.of("." + name + ".syschroot-new");
  }

  private void remove(OsString name) throws KernelException {
    try {
      kernel.unlinkat(descriptor, name, 0);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    try {
      kernel.close(descriptor);
    } catch (KernelException goneAnyway) {
      // Nothing was written through it.
    }
  }
}
