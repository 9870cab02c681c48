// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.tree;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounts.MountException;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.ProcFiles;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountIndex;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.mounts.table.MountUsers;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * Finds what is mounted on a directory tree in all mount namespaces that can be read, by the tables
 * of all threads of all processes. For one thread.
 *
 * <p>A path means nothing in another namespace, so a tree is recognised by its file system and the
 * path within that. A process whose root directory lies in the tree sees a table that begins there:
 * its root is recognised by the directories above it. Namespaces that no process is in (kept by a
 * descriptor or a bind mount) and processes of others, unless root looks, are not seen.
 */
final class MountsOnTree {
  private static final String PROC = "/proc/";
  private static final int DEEPEST = 4096;

  private final Kernel kernel;
  private final HostPath top;
  private final FileStatus topStatus;
  private final Set<String> seen = new HashSet<>();
  private final Set<String> found = new HashSet<>();
  private final List<String> shown = new ArrayList<>();
  private final MountEntry holder;
  private final OsString inFileSystem;

  /**
   * Prepares to look.
   *
   * @param top the tree, without symbolic links on the way
   * @param topStatus what it is
   */
  MountsOnTree(Kernel kernel, HostPath top, FileStatus topStatus) throws IOException {
    this.kernel = kernel;
    this.top = top;
    this.topStatus = topStatus;
    MountTable own = MountTable.read();
    long id = topStatus.mountId();
    this.holder = own.byId(id).orElseThrow(() -> MountException.notInTable(id));
    this.inFileSystem = holder.inFileSystem(top.value());
    add(own, "");
  }

  /** Returns the mounts found, for people to read; empty if there is none. */
  List<String> find() {
    for (int pid : ProcFiles.numbers(kernel, PROC)) {
      String tasks = PROC + pid + "/task/";
      for (int thread : ProcFiles.numbers(kernel, tasks)) {
        addThread(pid, tasks + thread);
      }
    }
    return List.copyOf(shown);
  }

  private void addThread(int pid, String task) {
    OsString root = OsString.of(task + "/root");
    try (Descriptor directory =
        Descriptor.opened(kernel, kernel.openat(Kernel.AT_FDCWD, root, OpenFlags.O_PATH, 0))) {
      FileStatus status = directory.status();
      String key =
          kernel.readlinkat(Kernel.AT_FDCWD, OsString.of(task + "/ns/mnt"))
              + " "
              + status.mountId()
              + " "
              + status.inode();
      if (!seen.add(key)) {
        return;
      }
      MountTable table = MountTable.parse(ProcFiles.content(kernel, task + "/mountinfo"));
      String where =
          " (in the mount namespace of process "
              + pid
              + ","
              + " "
              + MountUsers.command(kernel, pid)
              + ")";
      if (isInTree(directory)) {
        addAll(table, where);
      } else {
        add(table, where);
      }
    } catch (IOException endedOrForbidden) {
      // Passed over.
    }
  }

  /** Climbs from a root directory as far as there is anything above it, in its own namespace. */
  private boolean isInTree(Descriptor directory) throws KernelException {
    FileStatus status = directory.status();
    int current = kernel.openat(directory.number(), OsString.of("."), OpenFlags.O_PATH, 0);
    try {
      for (int depth = 0; depth < DEEPEST; depth++) {
        if (status.sameFileAs(topStatus)) {
          return true;
        }
        int above = kernel.openat(current, OsString.of(".."), OpenFlags.O_PATH, 0);
        new Descriptor(kernel, current).close();
        current = above;
        FileStatus next = new Descriptor(kernel, current).status();
        if (next.sameFileAs(status) && next.mountId() == status.mountId()) {
          return false;
        }
        status = next;
      }
      return false;
    } finally {
      new Descriptor(kernel, current).close();
    }
  }

  private void addAll(MountTable table, String where) {
    for (MountEntry entry : table.entries()) {
      if (entry.target().length() > 1) {
        add(join(top.value(), entry.target()), entry, where);
      }
    }
  }

  private void add(MountTable table, String where) {
    for (MountEntry mount : table.entries()) {
      if (!mount.device().equals(holder.device())) {
        continue;
      }
      if (MountIndex.isAtOrAbove(mount.root(), inFileSystem)) {
        OsString place = join(mount.target(), relative(inFileSystem, mount.root()));
        addOnTree(table, mount, place, where);
      }
      boolean isPart = MountIndex.isAtOrAbove(inFileSystem, mount.root());
      boolean isTop = mount.root().equals(inFileSystem) && mount.target().equals(top.value());
      if (isPart && !isTop && mount.id() != holder.id()) {
        add(mount.target(), mount, where);
      }
    }
  }

  private void addOnTree(MountTable table, MountEntry mount, OsString place, String where) {
    for (MountEntry child : table.children(mount)) {
      boolean isTopItself = child.target().equals(place) && child.root().equals(inFileSystem);
      if (MountIndex.isAtOrAbove(place, child.target()) && !isTopItself) {
        add(child.target(), child, where);
      }
    }
  }

  private void add(OsString path, MountEntry entry, String where) {
    if (found.add(path + " " + entry.id())) {
      shown.add(path + where);
    }
  }

  private static OsString relative(OsString path, OsString ancestor) {
    return HostPath.of(path).relativeTo(HostPath.of(ancestor));
  }

  private static OsString join(OsString directory, OsString relative) {
    return relative.isEmpty() ? directory : HostPath.of(directory).resolve(relative).value();
  }
}
