// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.trust;

import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;

/**
 * A file that is written as a whole: it appears with all of its content, on the disk and with the
 * mode that was asked for whatever the umask is, or it is not changed at all.
 *
 * <p>The content goes to a new file of another name in the same directory, which is opened once,
 * and that file gets the name at last. So no file that is there is written to, and no symbolic link
 * in a directory of somebody else decides what is. After a crash a file {@code .syschroot-*.new}
 * may be left. Immutable and thread-safe.
 */
public final class WholeFile {
  private static final int UNFINISHED = 0600;
  private static final int MOST_TRIES = 100;
  private static final OsString HERE = OsString.of(".");

  private final Kernel kernel;
  private final TrustedPath trust;
  private final HostPath path;

  private WholeFile(Kernel kernel, TrustedPath trust, HostPath path) {
    this.kernel = kernel;
    this.trust = trust;
    this.path = path;
  }

  /**
   * Returns the file of a path.
   *
   * @param effectiveUid the user of this process: symbolic links of others than this user and root
   *     are not followed on the way
   * @throws IllegalArgumentException if the path is {@code /}
   */
  public static WholeFile at(Kernel kernel, int effectiveUid, HostPath path) {
    if (path.isRoot()) {
      throw new IllegalArgumentException("/ is a directory: give the pathname of a file");
    }
    return new WholeFile(kernel, TrustedPath.forUser(kernel, effectiveUid), path);
  }

  /** Returns the path. */
  public HostPath path() {
    return path;
  }

  /**
   * Checks that the file can be replaced, for calling before anything long is begun.
   *
   * @throws IOException if there is something else than a regular file of this name, or its
   *     directory is missing, or leads through a symbolic link of somebody else
   */
  public void check() throws IOException {
    int directory = openDirectory();
    try {
      requireReplaceable(kernel, directory, path.value().baseName());
    } finally {
      ConfinedPath.close(kernel, directory);
    }
  }

  /**
   * Writes the file, in the place of one that is there.
   *
   * @param mode its permission bits, 0 to 07777; others are an {@code IllegalArgumentException}
   * @throws IOException if {@link #check} fails or a call does; then what was there is unchanged
   */
  public void replace(byte[] content, int mode) throws IOException {
    int directory = openDirectory();
    try {
      replaceIn(kernel, directory, path.value().baseName(), content, mode);
    } finally {
      ConfinedPath.close(kernel, directory);
    }
  }

  /**
   * Writes the file, which must not be there.
   *
   * @param mode its permission bits, 0 to 07777; others are an {@code IllegalArgumentException}
   * @throws KernelException {@code EEXIST} if there is anything of this name
   * @throws IOException if it cannot be written; then there is nothing of this name
   */
  public void create(byte[] content, int mode) throws IOException {
    NewDirectory.checkMode(mode);
    int directory = openDirectory();
    try {
      OsString name = path.value().baseName();
      OsString next = write(kernel, directory, content, mode, file -> {});
      try {
        publish(directory, next, name);
      } catch (KernelException e) {
        discard(kernel, directory, next, e);
        throw e;
      }
      sync(kernel, directory);
    } finally {
      ConfinedPath.close(kernel, directory);
    }
  }

  /**
   * Writes a file of a directory that is open, in the place of one that is there.
   *
   * @param directory a descriptor of the directory, which may be an {@code O_PATH} one
   * @param mode its permission bits, 0 to 07777; others are an {@code IllegalArgumentException}
   * @throws KernelException if a call fails; {@code EEXIST} if there is something else than a
   *     regular file of this name. Then what was there is unchanged
   */
  public static void replaceIn(
      Kernel kernel, int directory, OsString name, byte[] content, int mode)
      throws KernelException {
    NewDirectory.checkMode(mode);
    requireReplaceable(kernel, directory, name);
    replaceIn(kernel, directory, name, content, mode, file -> {});
  }

  /** What is done with a new file before it gets its mode and its name. */
  @FunctionalInterface
  public interface Preparation {
    /**
     * Does it.
     *
     * @param file a descriptor of the file, open for writing
     */
    void on(int file) throws KernelException;
  }

  /**
   * Writes a file of a directory that is open, in the place of a file or symbolic link that is
   * there.
   *
   * @param directory a descriptor of the directory, which may be an {@code O_PATH} one
   * @param mode its permission bits, 0 to 07777; others are an {@code IllegalArgumentException}
   * @param preparation such as a change of owner
   * @throws KernelException if a call fails; then what was there is unchanged
   */
  public static void replaceIn(
      Kernel kernel,
      int directory,
      OsString name,
      byte[] content,
      int mode,
      Preparation preparation)
      throws KernelException {
    NewDirectory.checkMode(mode);
    OsString next = write(kernel, directory, content, mode, preparation);
    try {
      kernel.renameat(directory, next, name);
    } catch (KernelException e) {
      discard(kernel, directory, next, e);
      throw e;
    }
    sync(kernel, directory);
  }

  /**
   * Makes the directory of the file, and those above it, where they are missing.
   *
   * @param mode the permission bits of what is made, 0 to 07777
   */
  public void makeDirectory(int mode) throws IOException {
    NewDirectory.makeAll(kernel, trust, NewDirectory.parent(path), mode);
  }

  private int openDirectory() throws KernelException, UntrustedException {
    return trust.openByOwnLinks(NewDirectory.parent(path));
  }

  private static void requireReplaceable(Kernel kernel, int directory, OsString name)
      throws KernelException {
    int place;
    try {
      place = kernel.openat(directory, name, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW, 0);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return;
      }
      throw e;
    }
    try {
      FileStatus there = kernel.fstat(place);
      if (!there.isRegularFile()) {
        throw new KernelException("openat", "path=" + name, Errno.EEXIST.number())
            .withHint("it is not a regular file: move it away first");
      }
    } finally {
      ConfinedPath.close(kernel, place);
    }
  }

  /** Writes all of it under another name, which is returned. */
  private static OsString write(
      Kernel kernel, int directory, byte[] content, int mode, Preparation preparation)
      throws KernelException {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
    for (int attempt = 1; ; attempt++) {
      OsString next = temporaryName();
      int file;
      try {
        file = kernel.openat(directory, next, flags, UNFINISHED);
      } catch (KernelException e) {
        if (e.is(Errno.EEXIST) && attempt < MOST_TRIES) {
          continue;
        }
        throw e;
      }
      fill(kernel, directory, next, file, content, mode, preparation);
      return next;
    }
  }

  private static OsString temporaryName() {
    long number = ThreadLocalRandom.current().nextLong();
    return OsString.of(".syschroot-" + Long.toHexString(number) + ".new");
  }

  private static void fill(
      Kernel kernel,
      int directory,
      OsString name,
      int file,
      byte[] content,
      int mode,
      Preparation preparation)
      throws KernelException {
    try {
      try {
        kernel.write(file, content);
        preparation.on(file);
        kernel.fchmod(file, mode);
        kernel.fsync(file);
      } catch (KernelException e) {
        ConfinedPath.close(kernel, file);
        throw e;
      }
      kernel.close(file); // a file system may tell only now that its quota is used up
    } catch (KernelException e) {
      discard(kernel, directory, name, e);
      throw e;
    }
  }

  /** rename(2) would replace a file of that name; link(2) refuses. */
  private void publish(int directory, OsString next, OsString name) throws KernelException {
    try {
      kernel.linkat(directory, next, name);
    } catch (KernelException e) {
      if (!e.is(Errno.EPERM) && !e.is(Errno.EOPNOTSUPP)) {
        throw e;
      }
      // A file system without hard links.
      requireAbsent(directory, name);
      kernel.renameat(directory, next, name);
      return;
    }
    try {
      kernel.unlinkat(directory, next, 0);
    } catch (KernelException writtenAllTheSame) {
      // The file has both names.
    }
  }

  private void requireAbsent(int directory, OsString name) throws KernelException {
    try {
      ConfinedPath.close(
          kernel, kernel.openat(directory, name, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW, 0));
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return;
      }
      throw e;
    }
    throw new KernelException("linkat", "to=" + name, Errno.EEXIST.number());
  }

  private static void discard(
      Kernel kernel, int directory, OsString name, KernelException failure) {
    try {
      kernel.unlinkat(directory, name, 0);
    } catch (KernelException e) {
      failure.addSuppressed(e);
    }
  }

  /**
   * Waits until the name is on the disk too. The file is there for everybody already, so a
   * directory that may be written but not read, or a file system that cannot do it, is no failure.
   */
  private static void sync(Kernel kernel, int directory) {
    try {
      int readable = kernel.openat(directory, HERE, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
      try {
        kernel.fsync(readable);
      } finally {
        kernel.close(readable);
      }
    } catch (KernelException stillThere) {
      // After a crash of the machine the former file may be there again, as a whole.
    }
  }
}
