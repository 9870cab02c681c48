// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.PathResolver;
import org.syschroot.mounts.files.ProcFiles;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.trust.ConfinedPath;
import org.syschroot.trust.WholeFile;

/**
 * A name in a directory of an image, held by a descriptor of the directory that was resolved in the
 * image's root, on the image's own filesystem: what is written here never gets onto the host. For
 * one thread.
 */
final class ImagePlace implements AutoCloseable {
  private static final int MOST_LINKS = 40;
  private static final int LARGEST = 16 << 20;
  private static final int OTHERS = 077;
  static final long ST_RDONLY = 1;
  private static final OsString LABEL = OsString.of("security.selinux");

  private final Kernel kernel;
  private final Descriptor directory;
  private final OsString name;
  private final ImagePath path;
  private final long mount;

  private ImagePlace(Kernel kernel, Descriptor directory, ImagePath path, long mount) {
    this.kernel = kernel;
    this.directory = directory;
    this.name = path.value().baseName();
    this.path = path;
    this.mount = mount;
  }

  /**
   * Opens a place. Missing directories are made.
   *
   * @throws MountException if its directory is on a mount of the host
   * @throws KernelException if a call fails
   */
  static ImagePlace of(Kernel kernel, int imageRoot, ImagePath path) throws IOException {
    PathResolver resolver = new PathResolver(kernel);
    Descriptor directory = new MountPoint(kernel, resolver).open(imageRoot, parent(path), true);
    long mount = new Descriptor(kernel, imageRoot).mountId();
    if (directory.mountId() != mount) {
      directory.close();
      throw new MountException(
          path
              + " of the image cannot be written: its directory is a mount"
              + "; remove that mount from the configuration");
    }
    return new ImagePlace(kernel, directory, path, mount);
  }

  /** Opens the place that a path leads to when symbolic links of the image are followed. */
  static ImagePlace followed(Kernel kernel, int imageRoot, ImagePath path) throws IOException {
    ImagePath at = path;
    for (int i = 0; i < MOST_LINKS; i++) {
      ImagePlace place = of(kernel, imageRoot, at);
      Optional<OsString> text = place.linkText();
      if (text.isEmpty()) {
        return place;
      }
      place.close();
      at = target(at, text.get());
    }
    throw new KernelException("openat2", "path=" + path, Errno.ELOOP.number());
  }

  private static ImagePath target(ImagePath link, OsString text) {
    List<OsString> names = new ArrayList<>();
    if (!text.startsWith(OsString.of("/"))) {
      names.addAll(parent(link).names());
    }
    for (OsString name : text.splitAt('/')) {
      if (name.equals(OsString.of(".."))) {
        if (!names.isEmpty()) {
          names.remove(names.size() - 1);
        }
      } else if (!name.isEmpty() && !name.equals(OsString.of("."))) {
        names.add(name);
      }
    }
    ImagePath target = ImagePath.ROOT;
    for (OsString name : names) {
      target = target.resolve(name);
    }
    return target;
  }

  private static ImagePath parent(ImagePath path) {
    OsString text = path.value();
    return ImagePath.of(text.slice(0, Math.max(1, text.length() - text.baseName().length())));
  }

  ImagePath path() {
    return path;
  }

  boolean isReadOnly() throws KernelException {
    return (kernel.fstatfs(directory.number()).flags() & ST_RDONLY) != 0;
  }

  /** Returns what is there, symbolic links not followed; empty if nothing is. */
  Optional<FileStatus> status() throws KernelException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;
    try (Descriptor there =
        Descriptor.opened(kernel, kernel.openat(directory.number(), name, flags, 0))) {
      return Optional.of(there.status());
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Returns the text of the symbolic link that is there; empty if there is none. */
  Optional<OsString> linkText() throws KernelException {
    try {
      return Optional.of(kernel.readlinkat(directory.number(), name));
    } catch (KernelException e) {
      if (e.is(Errno.EINVAL) || e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Checks that what is there can be replaced.
   *
   * @throws MountException if it is a mount
   */
  void requireOfImage() throws IOException {
    Optional<FileStatus> there = status();
    if (there.isPresent() && there.get().mountId() != mount) {
      throw new MountException(
          path
              + " of the image cannot be written: it is a mount; remove \""
              + path
              + "\" from the mounts of the image, then unmount it");
    }
  }

  /**
   * Returns the content of the regular file that is there; empty if there is none.
   *
   * @throws KernelException {@code EFBIG} if it is larger than any such file: one without content
   *     may have any size
   */
  Optional<byte[]> content() throws KernelException {
    try (Descriptor file =
        Descriptor.opened(
            kernel, new ConfinedPath(kernel).regularFileIn(directory.number(), name))) {
      return Optional.of(ProcFiles.content(kernel, file.number(), LARGEST));
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.EINVAL)) {
        return Optional.empty();
      }
      throw e.is(Errno.EFBIG) ? e.withHint(path + " of the image is too large") : e;
    }
  }

  /**
   * Writes a file in the place of what is there, as a whole, with the owner, group and security
   * labels of the file that was there.
   *
   * @param mode its permission bits
   * @param gid its group if there was none
   */
  void replace(byte[] content, int mode, int gid) throws IOException {
    Optional<FileStatus> before = status().filter(FileStatus::isRegularFile);
    replace(
        content,
        mode,
        before.map(FileStatus::uid).orElse(-1),
        before.map(FileStatus::gid).orElse(gid));
  }

  /**
   * Writes a file as {@link #replace(byte[], int, int)}, of another owner and group.
   *
   * @param owner its owner, -1 for that of this process
   * @param group its group, -1 for that of this process
   */
  void replace(byte[] content, int mode, int owner, int group) throws IOException {
    requireOfImage();
    Optional<FileStatus> before = status().filter(FileStatus::isRegularFile);
    WholeFile.replaceIn(
        kernel,
        directory.number(),
        name,
        content,
        mode,
        file -> {
          kernel.fchown(file, owner, group);
          if (before.isPresent()) {
            copyLabel(file);
          }
        });
  }

  private void copyLabel(int to) {
    try (Descriptor from =
        Descriptor.opened(
            kernel, new ConfinedPath(kernel).regularFileIn(directory.number(), name))) {
      kernel.fsetxattr(to, LABEL, kernel.fgetxattr(from.number(), LABEL));
    } catch (KernelException withoutIt) {
      // A host or filesystem without SELinux.
    }
  }

  /** Makes a symbolic link; nothing may be there. */
  void link(OsString text) throws KernelException {
    kernel.symlinkat(text, directory.number(), name);
  }

  /** Gives what is there another name in the same directory, in place of what has it. */
  void renameTo(OsString other) throws IOException {
    requireOfImage();
    kernel.renameat(directory.number(), name, other);
  }

  void remove() throws IOException {
    requireOfImage();
    try {
      kernel.unlinkat(directory.number(), name, 0);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  /**
   * Opens or makes the file, which only its owner may use, for locking.
   *
   * @throws MountException if it is something else than a file: opening a FIFO would wait for ever
   */
  Descriptor openLock() throws IOException {
    requireOfImage();
    Optional<FileStatus> there = status();
    if (there.isPresent() && !there.get().isRegularFile()) {
      throw new MountException(
          path + " of the image is not a regular file, so it cannot be locked: remove it");
    }
    int flags =
        OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK;
    Descriptor file =
        Descriptor.opened(kernel, kernel.openat(directory.number(), name, flags, 0600));
    try {
      // Whoever can open it can hold the lock for ever.
      int mode = file.status().permissions();
      if ((mode & OTHERS) != 0) {
        kernel.fchmod(file.number(), mode & ~OTHERS);
      }
      return file;
    } catch (KernelException e) {
      file.close();
      throw e;
    }
  }

  /** Returns a place in the same directory. */
  ImagePlace sibling(String other) throws KernelException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    Descriptor again =
        Descriptor.opened(kernel, kernel.openat(directory.number(), OsString.of("."), flags, 0));
    return new ImagePlace(kernel, again, parent(path).resolve(other), mount);
  }

  @Override
  public void close() {
    directory.close();
  }
}
