// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.table;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.FdInfo;
import org.syschroot.mounts.files.ProcFiles;
import org.syschroot.path.OsString;

/**
 * Finds out who keeps mounts busy, from {@code /proc}. Processes that may not be looked at, or end
 * meanwhile, are passed over.
 *
 * <p>A use is recognised by the number of the mount, which no other mount of any namespace has, and
 * not by a path: each process sees its own paths. For one thread.
 */
public final class MountUsers {
  private static final String PROC = "/proc/";

  private final Kernel kernel;
  private final Map<Long, Set<MountUser>> users = new HashMap<>();

  private MountUsers(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Looks at all processes once, for users of some mounts. */
  public static MountUsers of(Kernel kernel, Collection<MountEntry> mounts) {
    MountUsers found = new MountUsers(kernel);
    mounts.forEach(mount -> found.users.put((long) mount.id(), new LinkedHashSet<>()));
    for (int pid : ProcFiles.numbers(kernel, PROC)) {
      found.addProcess(pid);
    }
    return found;
  }

  /** Returns the users of one of those mounts, by ascending process id. */
  public List<MountUser> of(MountEntry mount) {
    return List.copyOf(users.get((long) mount.id()));
  }

  private void addProcess(int pid) {
    String process = PROC + pid;
    add(pid, MountUser.Use.PROGRAM, process + "/exe");
    for (int thread : ProcFiles.numbers(kernel, process + "/task")) {
      // Threads can have directories of their own, and a table of descriptors.
      String task = process + "/task/" + thread;
      add(pid, MountUser.Use.CURRENT_DIRECTORY, task + "/cwd");
      add(pid, MountUser.Use.ROOT_DIRECTORY, task + "/root");
    }
    for (int fd : ProcFiles.numbers(kernel, process + "/fd")) {
      addOpenFile(pid, process, fd);
    }
    addMapped(pid, process);
  }

  private void add(int pid, MountUser.Use use, String link) {
    OsString text = OsString.of(link);
    try (Descriptor file =
        Descriptor.opened(kernel, kernel.openat(Kernel.AT_FDCWD, text, OpenFlags.O_PATH, 0))) {
      add(pid, use, file.mountId(), text);
    } catch (KernelException endedOrForbidden) {
      // Passed over.
    }
  }

  private void add(int pid, MountUser.Use use, long mount, OsString link) throws KernelException {
    Set<MountUser> known = users.get(mount);
    if (known != null) {
      OsString path = kernel.readlinkat(Kernel.AT_FDCWD, link);
      known.add(new MountUser(pid, command(kernel, pid), use, path));
    }
  }

  /** By its fdinfo: to look at the file itself could wait for a dead file server. */
  private void addOpenFile(int pid, String process, int fd) {
    try {
      long mount = FdInfo.mountId(ProcFiles.content(kernel, process + "/fdinfo/" + fd));
      add(pid, MountUser.Use.OPEN_FILE, mount, OsString.of(process + "/fd/" + fd));
    } catch (KernelException endedOrForbidden) {
      // Passed over.
    }
  }

  private void addMapped(int pid, String process) {
    Set<String> paths = new HashSet<>();
    try {
      for (String line : ProcFiles.text(kernel, process + "/maps").split("\n")) {
        // address perms offset device inode path
        int path = line.indexOf('/');
        if (path >= 0 && paths.add(line.substring(path))) {
          String range = withoutLeadingZeros(line.substring(0, line.indexOf(' ')));
          add(pid, MountUser.Use.MAPPED_FILE, process + "/map_files/" + range);
        }
      }
    } catch (KernelException endedOrForbidden) {
      // Passed over.
    }
  }

  private static String withoutLeadingZeros(String range) {
    return range.replaceAll("(^|-)0+(?=[0-9a-f])", "$1");
  }

  public static String command(Kernel kernel, int pid) {
    try {
      return ProcFiles.text(kernel, PROC + pid + "/comm").strip();
    } catch (KernelException ended) {
      return "?";
    }
  }
}
