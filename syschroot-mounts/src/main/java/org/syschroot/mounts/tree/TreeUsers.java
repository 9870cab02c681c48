// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.tree;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Predicate;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.ProcFiles;
import org.syschroot.mounts.table.MountUsers;
import org.syschroot.path.OsString;

/**
 * Looks for processes in a tree, in whatever namespace. For one thread.
 *
 * <p>Who climbs up from the directory of a process comes to the tree's root directory; or, if a
 * layer covers that, from the layer to the directory above both, by the tree's name. Processes that
 * may not be looked at are passed over.
 */
public final class TreeUsers {
  private static final String PROC = "/proc/";
  private static final int PLACE = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
  private static final OsString UP = OsString.of("..");

  /** Directories are not nested deeper by people; whoever does keeps the tree in use. */
  private static final int DEEPEST = 500;

  private final Kernel kernel;
  private final FileStatus top;
  private final FileStatus holder;
  private final OsString name;

  /**
   * Prepares to look.
   *
   * @param tree its root directory, which need not stay open
   */
  public TreeUsers(Kernel kernel, Descriptor tree) throws IOException {
    this.kernel = kernel;
    this.top = tree.status();
    this.name = tree.path().baseName();
    try (Descriptor above = open(tree.number(), UP)) {
      this.holder = above.status();
    }
  }

  /** Returns one process whose root directory is in the tree, for people to read. */
  public Optional<String> running() {
    return first(this::runs);
  }

  /**
   * Returns one process that has a root or working directory in the tree, or its root directory
   * open as a command has that is about to enter, for people to read.
   */
  public Optional<String> any() {
    return first(process -> runs(process) || worksIn(process) || hasOpen(process));
  }

  private Optional<String> first(Predicate<String> isUser) {
    for (int pid : ProcFiles.numbers(kernel, PROC)) {
      if (isUser.test(PROC + pid)) {
        return Optional.of("pid " + pid + " (" + MountUsers.command(kernel, pid) + ")");
      }
    }
    return Optional.empty();
  }

  private boolean runs(String process) {
    return threadIsIn(process, "/root");
  }

  private boolean worksIn(String process) {
    return threadIsIn(process, "/cwd");
  }

  private boolean threadIsIn(String process, String link) {
    for (int thread : ProcFiles.numbers(kernel, process + "/task")) {
      if (isIn(process + "/task/" + thread + link)) {
        return true;
      }
    }
    return false;
  }

  private boolean hasOpen(String process) {
    for (int number : ProcFiles.numbers(kernel, process + "/fd")) {
      if (isTop(process + "/fd/" + number)) {
        return true;
      }
    }
    return false;
  }

  private boolean isTop(String link) {
    try (Descriptor file = open(Kernel.AT_FDCWD, OsString.of(link))) {
      return file.status().sameFileAs(top);
    } catch (KernelException endedOrForbidden) {
      return false;
    }
  }

  /** Climbs from a directory as far as there is anything above it, in its own namespace. */
  private boolean isIn(String link) {
    Descriptor current = null;
    try {
      current = open(Kernel.AT_FDCWD, OsString.of(link));
      FileStatus status = current.status();
      for (int depth = 0; depth < DEEPEST; depth++) {
        if (status.sameFileAs(top)) {
          return true;
        }
        Descriptor below = current;
        current = open(below.number(), UP);
        FileStatus next;
        try {
          next = current.status();
          if (next.sameFileAs(holder) && below.path().baseName().equals(name)) {
            return true;
          }
        } finally {
          below.close();
        }
        if (next.sameFileAs(status) && next.mountId() == status.mountId()) {
          return false;
        }
        status = next;
      }
      return true;
    } catch (KernelException endedOrForbidden) {
      return false;
    } finally {
      if (current != null) {
        current.close();
      }
    }
  }

  private Descriptor open(int directory, OsString path) throws KernelException {
    return Descriptor.opened(kernel, kernel.openat(directory, path, PLACE, 0));
  }
}
