// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * A directory seen as the root of a system, as chroot(2) would show it (path_resolution(7)).
 *
 * <p>Counts its steps, to end a search that a hostile tree makes endless. Mutable and for one
 * thread.
 */
final class SystemTree {
  private static final int PATH_MAX = 4096;
  private static final int MAX_LINKS = 40; // as in Linux, path_resolution(7)
  private static final int MAX_ENTRIES = 1 << 16;
  private static final int MAX_STEPS = 2_000_000;

  private final Path root;
  private int stepsLeft = MAX_STEPS;

  SystemTree(Path root) {
    this.root = root;
  }

  /**
   * A file or directory without symbolic links on its way.
   *
   * @param path absolute in the tree
   * @param file the same on its file system
   */
  record Located(String path, Path file) {}

  /** Counts one unit of work. */
  void step() throws IOException {
    if (--stepsLeft < 0) {
      throw new IOException(root + ": the search takes over " + MAX_STEPS + " steps");
    }
  }

  /** Resolves an absolute path; a name that the file system refuses counts as absent. */
  Optional<Located> locate(String path) throws IOException {
    step();
    try {
      return walk(path);
    } catch (FileSystemException | InvalidPathException e) {
      // ld.so tries the next directory whatever the reason that an open failed.
      return Optional.empty();
    }
  }

  /** Resolves an absolute path to a regular file. */
  Optional<Located> locateFile(String path) throws IOException {
    return locate(path)
        .filter(found -> Files.isRegularFile(found.file(), LinkOption.NOFOLLOW_LINKS));
  }

  /** Lists the names in a directory, sorted; none when it cannot be listed. */
  List<String> list(String directory) throws IOException {
    Optional<Located> found = locate(directory);
    List<String> names = new ArrayList<>();
    if (found.isEmpty()) {
      return names;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(found.get().file())) {
      for (Path entry : entries) {
        step();
        if (names.size() >= MAX_ENTRIES) {
          throw new IOException(directory + ": more than " + MAX_ENTRIES + " entries");
        }
        names.add(entry.getFileName().toString());
      }
    } catch (FileSystemException | DirectoryIteratorException e) {
      return List.of();
    }
    Collections.sort(names);
    return names;
  }

  private Optional<Located> walk(String path) throws IOException {
    Deque<String> pending = new ArrayDeque<>();
    if (!prepend(path, pending)) {
      return Optional.empty();
    }
    Deque<String> names = new ArrayDeque<>();
    Deque<Path> parents = new ArrayDeque<>();
    Path at = root;
    boolean directory = true;
    int links = 0;
    while (!pending.isEmpty()) {
      step();
      String name = pending.pop();
      if (!directory) {
        return Optional.empty();
      }
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        if (!parents.isEmpty()) {
          at = parents.pop();
          names.removeLast();
        }
        continue;
      }
      Path next = at.resolve(name);
      BasicFileAttributes attributes =
          Files.readAttributes(next, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (attributes.isSymbolicLink()) {
        String target = Files.readSymbolicLink(next).toString();
        if (++links > MAX_LINKS || !prepend(target, pending)) {
          return Optional.empty();
        }
        if (target.startsWith("/")) {
          at = root;
          parents.clear();
          names.clear();
        }
      } else {
        parents.push(at);
        names.addLast(name);
        at = next;
        directory = attributes.isDirectory();
      }
    }
    return Optional.of(new Located("/" + String.join("/", names), at));
  }

  private static boolean prepend(String path, Deque<String> pending) {
    if (path.isEmpty() || path.length() >= PATH_MAX) {
      return false;
    }
    String[] names = path.split("/", -1);
    for (int i = names.length - 1; i >= 0; i--) {
      pending.push(names[i]);
    }
    return true;
  }
}
