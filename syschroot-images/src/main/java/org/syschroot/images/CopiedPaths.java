// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.syschroot.images.ImageEntry.Directory;
import org.syschroot.images.ImageEntry.RegularFile;
import org.syschroot.images.ImageEntry.SymbolicLink;

/**
 * What of the host's tree is to appear in an image, each directory before what is in it. A path is
 * reproduced with all it passes: its directories, and the symbolic links with their targets. Reads
 * only. For one thread.
 */
final class CopiedPaths {
  private static final Path ROOT = Path.of("/");
  private static final int MOST_LINKS = 40; // as path_resolution(7)
  private static final Set<Path> KERNELS =
      Set.of(Path.of("/dev"), Path.of("/proc"), Path.of("/sys"));

  // All that concerns the owner alone. Set-user-ID and set-group-ID bits stay out: nobody updates
  // the copy when the host's program turns out to have a hole, and an image needs no second way to
  // root. The copy belongs to root, so nobody else may write to it either.
  private static final int KEPT_MODE = 0755;

  private final Map<Path, ImageEntry> entries = new LinkedHashMap<>();

  /**
   * Adds a path of the host at the same place.
   *
   * @return the file or directory that it leads to, without symbolic links
   * @throws IOException if it leads nowhere, or to what is no file or directory
   */
  Path add(Path path) throws IOException {
    Deque<Path> pending = new ArrayDeque<>();
    prepend(path, pending);
    Path at = ROOT;
    int links = 0;
    while (!pending.isEmpty()) {
      String name = pending.peek().toString();
      Path next = at.resolve(pending.pop());
      if (entries.get(at) instanceof RegularFile) {
        throw new FileSystemException(path.toString(), null, at + " is not a directory");
      } else if (name.equals("..")) {
        at = at.getParent() == null ? at : at.getParent();
      } else if (!name.isEmpty() && !name.equals(".")) {
        ImageEntry entry = entries.get(next);
        // A directory of the image can have got a mode of its own.
        if (entry == null) {
          entry = look(next);
          entries.put(next, entry);
        }
        if (entry instanceof SymbolicLink link) {
          if (++links > MOST_LINKS) {
            throw new FileSystemLoopException(path.toString());
          }
          prepend(link.text(), pending);
          at = link.text().isAbsolute() ? ROOT : at;
        } else {
          at = next;
        }
      }
    }
    return at;
  }

  /** Adds what a path leads to as a regular file of that name, in place of symbolic links. */
  void addResolved(Path path) throws IOException {
    Path place = add(parent(path)).resolve(path.getFileName());
    Path source = path.toRealPath();
    entries.putIfAbsent(place, new RegularFile(place, source, mode(source)));
  }

  /** Adds a directory whether the host has it or not. */
  void addDirectory(Path path, int mode) throws IOException {
    Path parent = parent(path);
    if (!parent.equals(ROOT) && !Files.isDirectory(parent)) {
      addDirectory(parent, 0755);
    }
    Path place = (Files.isDirectory(parent) ? add(parent) : parent).resolve(path.getFileName());
    if (!(entries.get(place) instanceof SymbolicLink)) {
      entries.put(place, new Directory(place, mode));
    }
  }

  private static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent(), "not the root directory");
  }

  Collection<ImageEntry> all() {
    return List.copyOf(entries.values());
  }

  private static ImageEntry look(Path path) throws IOException {
    if (KERNELS.contains(path)) {
      throw new FileSystemException(path.toString(), null, "files of the kernel cannot be copied");
    }
    if (Files.isSymbolicLink(path)) {
      return new SymbolicLink(path, Files.readSymbolicLink(path));
    }
    int mode = mode(path);
    if (Files.isDirectory(path)) {
      return new Directory(path, mode);
    }
    if (Files.isRegularFile(path)) {
      return new RegularFile(path, path, mode);
    }
    throw new FileSystemException(path.toString(), null, "neither a file nor a directory");
  }

  private static int mode(Path path) throws IOException {
    return (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & KEPT_MODE;
  }

  private static void prepend(Path path, Deque<Path> pending) {
    List<Path> names = new ArrayList<>();
    path.forEach(names::add);
    for (int i = names.size() - 1; i >= 0; i--) {
      pending.push(names.get(i));
    }
  }
}
