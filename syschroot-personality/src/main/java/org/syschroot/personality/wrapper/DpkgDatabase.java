// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.wrapper;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.ImagePath;
import org.syschroot.personality.wrapper.DpkgDiversions.Entry;

/**
 * The database of an image's dpkg(1), as far as diversions go: with one, an update of a package
 * puts its program where the wrapper expects the original. It is written as dpkg-divert(1) writes
 * it, under dpkg's own lock, and no program of the image is run for it. For one thread.
 */
final class DpkgDatabase implements AutoCloseable {
  private static final ImagePath PLACE = ImagePath.of("/var/lib/dpkg");
  private static final String DIVERSIONS = "diversions";
  private static final String LOCK = "lock";

  private final Kernel kernel;
  private final ImageDirectory directory;
  private final Optional<ImageDirectory> info;

  private DpkgDatabase(Kernel kernel, ImageDirectory directory, Optional<ImageDirectory> info) {
    this.kernel = kernel;
    this.directory = directory;
    this.info = info;
  }

  /** Opens the database, if the image has one. */
  static Optional<DpkgDatabase> open(Kernel kernel, int imageRoot) throws IOException {
    Optional<ImageDirectory> directory = ImageDirectory.open(kernel, imageRoot, PLACE);
    if (directory.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new DpkgDatabase(
            kernel,
            directory.get(),
            ImageDirectory.open(kernel, imageRoot, PLACE.resolve("info"))));
  }

  /** Returns the path under which a package brings a program, empty if coreutils does not. */
  Optional<String> listed(String program) throws IOException {
    if (info.isEmpty()) {
      return Optional.empty();
    }
    Optional<byte[]> list = info.get().content("coreutils.list");
    if (list.isEmpty()) {
      return Optional.empty();
    }
    List<String> places = List.of("/bin/" + program, "/usr/bin/" + program);
    return new String(list.get(), StandardCharsets.UTF_8)
        .lines()
        .filter(places::contains)
        .findFirst();
  }

  private DpkgDiversions diversions() throws IOException {
    Optional<byte[]> text = directory.content(DIVERSIONS);
    try {
      return DpkgDiversions.parse(
          text.map(bytes -> new String(bytes, StandardCharsets.ISO_8859_1)).orElse(""));
    } catch (IllegalArgumentException e) {
      throw new IOException(directory.path(DIVERSIONS) + " in the image: " + e.getMessage(), e);
    }
  }

  /**
   * Returns whether the local diversion of a path is there.
   *
   * @throws IOException if somebody else diverts the path
   */
  boolean has(Entry wanted) throws IOException {
    Optional<Entry> there = diversions().of(wanted.path());
    if (there.isPresent() && !there.get().equals(wanted)) {
      throw new IOException(
          wanted.path()
              + " in the image is diverted to "
              + there.get().divertedTo()
              + " already, by "
              + (there.get().owner().equals(DpkgDiversions.LOCAL)
                  ? "hand"
                  : "the package " + there.get().owner())
              + ": remove it first, with \"dpkg-divert --remove\" in the image");
    }
    return there.isPresent();
  }

  /** Adds a diversion unless it is there. */
  void add(Entry wanted) throws IOException {
    locked(() -> has(wanted) ? diversions() : diversions().plus(wanted));
  }

  /** Takes a diversion away if it is there. */
  void remove(Entry unwanted) throws IOException {
    locked(() -> diversions().minus(unwanted));
  }

  private interface Change {
    DpkgDiversions make() throws IOException;
  }

  private void locked(Change change) throws IOException {
    if (directory.status(LOCK).isEmpty()) {
      write(change.make());
      return;
    }
    int file = directory.reading(LOCK);
    // Opened again for writing, which a write lock needs; fcntl(2) locks as dpkg takes them.
    Path again = Path.of("/proc/thread-self/fd/" + file);
    try (FileChannel channel = FileChannel.open(again, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        throw new IOException("dpkg is running in the image: wait until it has finished");
      }
      write(change.make());
    } finally {
      kernel.close(file);
    }
  }

  private void write(DpkgDiversions wanted) throws IOException {
    DpkgDiversions there = diversions();
    if (!there.equals(wanted)) {
      directory.replace(DIVERSIONS, wanted.text().getBytes(StandardCharsets.ISO_8859_1), 0644);
    }
  }

  @Override
  public void close() throws KernelException {
    info.ifPresent(ImageDirectory::close);
    directory.close();
  }
}
