// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.tree;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * Removes parts of a tree that is being made. Nothing but what is on the mount of the tree's root
 * is removed, and no symbolic link is followed. For one thread.
 */
final class SubtreeRemoval {
  private static final int TO_READ =
      OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;

  private final Kernel kernel;
  private final OpenDirectories directories;
  private final FileStatus root;

  SubtreeRemoval(Kernel kernel, OpenDirectories directories, FileStatus root) {
    this.kernel = kernel;
    this.directories = directories;
    this.root = root;
  }

  /** Removes a path with all that is beneath; nothing is done if it is missing. */
  void remove(ImagePath path) throws IOException {
    remove(path, kept -> false);
  }

  /**
   * Removes a path and what is beneath it but for what is to be kept.
   *
   * @param kept says what stays; with a path, those above it must stay too
   */
  void remove(ImagePath path, Predicate<ImagePath> kept) throws IOException {
    try {
      if (kept.test(path)) {
        removeContent(path, kept);
      } else {
        int parent = directories.get(OpenDirectories.parent(path));
        removeEntry(parent, path, kept);
      }
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR)) {
        throw e;
      }
    } finally {
      directories.clear();
    }
  }

  private void removeEntry(int parent, ImagePath path, Predicate<ImagePath> kept)
      throws IOException {
    try {
      kernel.unlinkat(parent, path.value().baseName(), 0);
    } catch (KernelException e) {
      if (!e.is(Errno.EISDIR)) {
        throw e;
      }
      removeContent(path, kept);
    }
  }

  /** Removes what is in a directory but for what is kept, and the directory if it is not. */
  void removeContent(ImagePath top, Predicate<ImagePath> kept) throws IOException {
    List<ImagePath> found = new ArrayList<>();
    Deque<ImagePath> pending = new ArrayDeque<>();
    pending.add(top);
    while (!pending.isEmpty()) {
      ImagePath path = pending.removeLast();
      found.add(path);
      empty(path, kept, pending);
    }
    Collections.reverse(found);
    for (ImagePath directory : found) {
      if (!kept.test(directory) && !directory.isRoot()) {
        int parent = directories.get(OpenDirectories.parent(directory));
        kernel.unlinkat(parent, directory.value().baseName(), OpenFlags.AT_REMOVEDIR);
      }
    }
    directories.clear();
  }

  private void empty(ImagePath path, Predicate<ImagePath> kept, Deque<ImagePath> subdirectories)
      throws IOException {
    int directory;
    try {
      directory = open(path);
    } catch (KernelException e) {
      if (kept.test(path) && (e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP))) {
        return; // a file or link of the new layer
      }
      throw e;
    }
    try {
      FileStatus status = kernel.fstat(directory);
      if (status.mountId() != root.mountId() || status.device() != root.device()) {
        throw new SourceException(
            "will not delete " + path + " of the image: something is mounted there");
      }
      for (OsString name : kernel.getdents(directory)) {
        ImagePath child = path.resolve(name);
        if (kept.test(child)) {
          subdirectories.add(child);
        } else {
          try {
            kernel.unlinkat(directory, name, 0);
          } catch (KernelException e) {
            if (!e.is(Errno.EISDIR)) {
              throw e;
            }
            subdirectories.add(child);
          }
        }
      }
    } finally {
      kernel.close(directory);
    }
  }

  private int open(ImagePath path) throws KernelException {
    OsString name = path.isRoot() ? OsString.of(".") : path.value().baseName();
    return kernel.openat(directories.get(OpenDirectories.parent(path)), name, TO_READ, 0);
  }
}
