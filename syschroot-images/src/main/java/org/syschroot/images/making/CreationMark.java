// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.making;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.syschroot.config.FileTrust;
import org.syschroot.image.ImageName;
import org.syschroot.images.CreateException;
import org.syschroot.images.ImageFile;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;

/**
 * The file {@code images.d/NAME.toml.creating}, which is there as long as an image is being made,
 * and says what to delete when that did not end. Who makes the image holds its lock, which the
 * kernel takes away when the process ends in whatever way. For one thread.
 */
public final class CreationMark implements AutoCloseable {
  private static final int MODE = 0644;

  private final Kernel kernel;
  private final Path file;
  private final int descriptor;

  private CreationMark(Kernel kernel, Path file, int descriptor) {
    this.kernel = kernel;
    this.file = file;
    this.descriptor = descriptor;
  }

  /** Returns where the mark of an image is. */
  public static Path of(Path configDirectory, ImageName name) {
    return ImageFile.of(configDirectory, name).resolveSibling(name + ".toml.creating");
  }

  /**
   * Opens a mark, or makes it, and takes its lock.
   *
   * @param file where it is; its directory exists
   * @param trust what decides whether a mark that is there can be relied on
   * @throws CreateException if another process is making the image
   * @throws IOException if the mark cannot be opened or is not to be trusted
   */
  public static CreationMark take(Kernel kernel, Path file, FileTrust trust) throws IOException {
    int flags = OpenFlags.O_CREAT | OpenFlags.O_NOFOLLOW;
    while (true) {
      int descriptor = kernel.openat(Kernel.AT_FDCWD, HostPath.of(file).value(), flags, MODE);
      CreationMark mark = new CreationMark(kernel, file, descriptor);
      try {
        mark.lock();
        if (mark.isInPlace()) {
          if (Files.size(file) > 0) {
            trust.check(file);
          }
          return mark;
        }
      } catch (IOException e) {
        mark.close();
        throw e;
      }
      mark.close();
    }
  }

  private void lock() throws IOException {
    try {
      kernel.flock(descriptor, OpenFlags.LOCK_EX | OpenFlags.LOCK_NB);
    } catch (KernelException e) {
      if (e.is(Errno.EAGAIN)) {
        throw new CreateException(
            file + ": another process is creating this image: wait until it has finished");
      }
      throw e;
    }
  }

  /** Whether the file was not deleted, by the process that had the lock, before we had it. */
  private boolean isInPlace() throws IOException {
    return kernel.fstat(descriptor).links() > 0 && Files.exists(file, LinkOption.NOFOLLOW_LINKS);
  }

  /** Returns what a process that did not end has left; empty if this mark is new. */
  public Optional<HalfMade> leftover() throws IOException {
    return HalfMade.parse(Files.readString(file));
  }

  /**
   * Deletes what such a process has left.
   *
   * @return what was deleted; empty if there was nothing, or if it has ended but for the mark
   */
  public Optional<HalfMade> cleanUp() throws IOException {
    Optional<HalfMade> leftover = leftover();
    boolean deleted = leftover.isPresent() && leftover.get().cleanUp(kernel);
    return deleted ? leftover : Optional.empty();
  }

  /** Notes what is being made. Each note is one write, and the last one counts. */
  void note(HalfMade image) throws IOException {
    Files.writeString(file, image.text(), StandardOpenOption.APPEND);
  }

  /** Forgets what an earlier process noted. */
  void forget() throws IOException {
    Files.writeString(file, "", StandardOpenOption.TRUNCATE_EXISTING);
  }

  /** Deletes the mark: nothing is half made any more. */
  public void delete() throws IOException {
    Files.deleteIfExists(file);
  }

  @Override
  public void close() throws KernelException {
    kernel.close(descriptor);
  }
}
