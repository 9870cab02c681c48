// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Creator of small images from programs of the host.
 *
 * <p>Each program is copied to its own path, with the symbolic links on the way to it, its loader
 * and all libraries as {@link org.syschroot.personality.elf.LibrarySearch} finds them, and the
 * interpreter of a script (with {@code #!/usr/bin/env NAME}, NAME too). Accounts, name services,
 * time zone and the mount points that an image wants are added. What a program loads while it runs,
 * such as the modules of Perl and Python or locales, is not known and not copied.
 *
 * <p>Everything belongs to root, or to the caller if that is somebody else. Permissions are kept
 * but for write permission of others. Set-user-ID and set-group-ID bits and file capabilities are
 * not copied: nobody would update such a copy when the host's program turns out to have a hole.
 *
 * <p>Immutable and thread-safe.
 *
 * <p>For small images in which some programs are to see fewer files, and for tests.
 *
 * <pre>{@code
 * HostImageReport made =
 *     HostImage.searching("/usr/bin:/bin").create(root, List.of("sh", "cat"), file -> {});
 * }</pre>
 */
public final class HostImage {
  private final ProgramSearch search;

  private HostImage(ProgramSearch search) {
    this.search = search;
  }

  /**
   * Returns a maker of images that looks for programs along a path.
   *
   * @param path directories separated by colons, as {@code PATH}; relative ones are not used; null
   *     for the usual directories
   */
  public static HostImage searching(@Nullable String path) {
    return new HostImage(ProgramSearch.along(path));
  }

  /**
   * Makes an image. All that can be checked is checked before anything is written, and what was
   * made is removed when it fails, or when the thread is interrupted.
   *
   * @param root the directory for the image: absolute, missing or empty, in a directory that
   *     exists; not null
   * @param programs names to look for along the path, and absolute paths; not null
   * @param progress is told each path of the image once it is made; not null
   * @return what was copied; never null
   * @throws CreateException if the root cannot be used, if programs, interpreters or libraries are
   *     missing (the message names them all), or if it fails half way
   * @throws IOException if something cannot be looked at
   */
  public HostImageReport create(Path root, List<String> programs, Consumer<Path> progress)
      throws IOException {
    ImageRoot imageRoot = ImageRoot.check(root);
    CopiedPaths entries = new CopiedPaths();
    StandardFiles.addTopLinks(entries);
    ProgramCollector collector = new ProgramCollector(search, entries);
    collector.addAll(programs);
    StandardFiles.addFiles(entries);
    StandardFiles.addDirectories(entries);
    long bytes = write(imageRoot, entries, progress);
    return new HostImageReport(collector.programs(), collector.libraries(), bytes);
  }

  private static long write(ImageRoot root, CopiedPaths entries, Consumer<Path> progress)
      throws CreateException {
    ImageWriter writer = new ImageWriter(root.path());
    try {
      root.make();
      for (ImageEntry entry : entries.all()) {
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedIOException("interrupted");
        }
        writer.write(entry);
        progress.accept(entry.path());
      }
      LibraryCacheFile.make(root.path(), writer);
      return writer.bytes();
    } catch (IOException e) {
      throw root.undo(e, writer::made);
    } catch (RuntimeException | Error e) {
      e.addSuppressed(root.undo(new IOException(e), writer::made));
      throw e;
    }
  }
}
