// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.version;

import java.util.Optional;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.ProcFiles;
import org.syschroot.mounts.table.MountUsers;
import org.syschroot.path.OsString;

/**
 * Looks for processes in a tree, in whatever namespace: with a root or working directory in it, a
 * program of it, or its root directory open as a command has that is about to enter. Stateless; not
 * instantiable.
 */
final class TreeUsers {
  private static final String PROC = "/proc/";

  /** Directories are not nested deeper by people; whoever does keeps the tree in use. */
  private static final int DEEPEST = 500;

  private TreeUsers() {}

  /**
   * Returns one process that uses a tree, for people to read. Processes that may not be looked at
   * are passed over.
   *
   * @param top the root directory of the tree
   * @param holder the directory that holds it alone: the way up from a layer above the tree, which
   *     covers it, leads there
   */
  static Optional<String> find(Kernel kernel, FileStatus top, FileStatus holder) {
    for (int pid : ProcFiles.numbers(kernel, PROC)) {
      if (isUser(kernel, PROC + pid, top, holder)) {
        return Optional.of("pid " + pid + " (" + MountUsers.command(kernel, pid) + ")");
      }
    }
    return Optional.empty();
  }

  private static boolean isUser(Kernel kernel, String process, FileStatus top, FileStatus holder) {
    for (int thread : ProcFiles.numbers(kernel, process + "/task")) {
      String task = process + "/task/" + thread;
      if (isIn(kernel, task + "/root", top, holder) || isIn(kernel, task + "/cwd", top, holder)) {
        return true;
      }
    }
    for (int number : ProcFiles.numbers(kernel, process + "/fd")) {
      if (isTop(kernel, process + "/fd/" + number, top)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isTop(Kernel kernel, String link, FileStatus top) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    try (Descriptor file =
        new Descriptor(kernel, kernel.openat(Kernel.AT_FDCWD, OsString.of(link), flags, 0))) {
      return file.status().sameFileAs(top);
    } catch (KernelException endedOrForbidden) {
      return false;
    }
  }

  /** Climbs from a directory as far as there is anything above it, in its own namespace. */
  private static boolean isIn(Kernel kernel, String link, FileStatus top, FileStatus holder) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    Descriptor current = null;
    try {
      current = new Descriptor(kernel, kernel.openat(Kernel.AT_FDCWD, OsString.of(link), flags, 0));
      FileStatus status = current.status();
      for (int depth = 0; depth < DEEPEST; depth++) {
        if (status.sameFileAs(top) || status.sameFileAs(holder)) {
          return true;
        }
        Descriptor above =
            new Descriptor(kernel, kernel.openat(current.number(), OsString.of(".."), flags, 0));
        current.close();
        current = above;
        FileStatus next = current.status();
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
}
