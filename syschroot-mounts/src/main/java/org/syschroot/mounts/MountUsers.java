// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.OsString;

/**
 * Finds out who keeps a mount busy, from {@code /proc}. Processes that may not be looked at, or end
 * meanwhile, are passed over.
 *
 * <p>A use is recognised by the number of the mount, which no other mount of any namespace has, and
 * not by a path: each process sees its own paths. For one thread.
 */
final class MountUsers {
  private static final Path PROC = Path.of("/proc");

  private final Kernel kernel;
  private final Set<MountUser> users = new LinkedHashSet<>();

  MountUsers(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Returns the users of a mount, by ascending process id. */
  List<MountUser> of(MountEntry mount) {
    for (int pid : numbers(PROC)) {
      addProcess(pid, mount);
    }
    return List.copyOf(users);
  }

  private void addProcess(int pid, MountEntry mount) {
    Path process = PROC.resolve(Integer.toString(pid));
    add(pid, mount, MountUser.Use.PROGRAM, process.resolve("exe"));
    for (int thread : numbers(process.resolve("task"))) {
      // Threads can have directories of their own, and a table of descriptors.
      Path task = process.resolve("task").resolve(Integer.toString(thread));
      add(pid, mount, MountUser.Use.CURRENT_DIRECTORY, task.resolve("cwd"));
      add(pid, mount, MountUser.Use.ROOT_DIRECTORY, task.resolve("root"));
    }
    for (int fd : numbers(process.resolve("fd"))) {
      addOpenFile(pid, mount, process, fd);
    }
    addMapped(pid, mount, process);
  }

  private void add(int pid, MountEntry mount, MountUser.Use use, Path link) {
    OsString text = OsString.of(link.toString());
    try (Descriptor file =
        new Descriptor(kernel, kernel.openat(Kernel.AT_FDCWD, text, OpenFlags.O_PATH, 0))) {
      if (file.status().mountId() == mount.id()) {
        OsString path = kernel.readlinkat(Kernel.AT_FDCWD, text);
        users.add(new MountUser(pid, command(pid), use, path));
      }
    } catch (KernelException endedOrForbidden) {
      // Passed over.
    }
  }

  /** By its fdinfo: to look at the file itself could wait for a dead file server. */
  private void addOpenFile(int pid, MountEntry mount, Path process, int fd) {
    try {
      Path info = process.resolve("fdinfo").resolve(Integer.toString(fd));
      if (FdInfo.mountId(Files.readAllBytes(info)) == mount.id()) {
        OsString link = OsString.of(process.resolve("fd").resolve(Integer.toString(fd)).toString());
        OsString path = kernel.readlinkat(Kernel.AT_FDCWD, link);
        users.add(new MountUser(pid, command(pid), MountUser.Use.OPEN_FILE, path));
      }
    } catch (IOException endedOrForbidden) {
      // Passed over.
    }
  }

  private void addMapped(int pid, MountEntry mount, Path process) {
    try {
      String maps = Files.readString(process.resolve("maps"), StandardCharsets.ISO_8859_1);
      for (String line : maps.split("\n")) {
        // address perms offset device inode path
        String[] fields = line.split(" +", 6);
        if (fields.length == 6 && fields[5].startsWith("/")) {
          String range = withoutLeadingZeros(fields[0]);
          add(pid, mount, MountUser.Use.MAPPED_FILE, process.resolve("map_files").resolve(range));
        }
      }
    } catch (IOException endedOrForbidden) {
      // Passed over.
    }
  }

  private static String withoutLeadingZeros(String range) {
    return range.replaceAll("(^|-)0+(?=[0-9a-f])", "$1");
  }

  static String command(int pid) {
    try {
      return Files.readString(
              PROC.resolve(Integer.toString(pid)).resolve("comm"), StandardCharsets.ISO_8859_1)
          .strip();
    } catch (IOException ended) {
      return "?";
    }
  }

  /** Returns the numbers that are names in a directory, ascending; none if it is gone. */
  static List<Integer> numbers(Path directory) {
    List<Integer> numbers = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory, "[0-9]*")) {
      for (Path entry : entries) {
        numbers.add(Integer.valueOf(entry.getFileName().toString()));
      }
    } catch (IOException | DirectoryIteratorException endedOrForbidden) {
      return numbers;
    }
    numbers.sort(null);
    return numbers;
  }
}
