// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.files;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileDetails;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.TreeCalls;

/**
 * Resolves paths in a system, component by component (path_resolution(7)): the kernel could do so
 * in an image, but not with mounts that are only planned.
 */
final class PathWalk {
  private static final int MOST_LINKS = 40; // as in Linux
  private static final int PATH_MAX = 4096;

  private static final FileDetails NEW_DIRECTORY =
      new FileDetails(new FileStatus(0, 0, 040755, 0, 0, -1), 0);

  private final TreeCalls calls;
  private final Kernel kernel;
  private final MountedPlaces places;
  private final Budget budget;
  private final Deque<String> names = new ArrayDeque<>();
  private final Deque<String> pending = new ArrayDeque<>();

  PathWalk(TreeCalls calls, Kernel kernel, MountedPlaces places, Budget budget) {
    this.calls = calls;
    this.kernel = kernel;
    this.places = places;
    this.budget = budget;
  }

  /** Walks to the end of an absolute path. */
  SystemFile to(String path, boolean followLast) throws KernelException {
    prepend(path, path);
    SystemFile at = look();
    int links = 0;
    while (!pending.isEmpty()) {
      String name = pending.pop();
      if (!at.status().isDirectory()) {
        throw failed(path, Errno.ENOTDIR);
      }
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        names.pollLast();
        at = look();
        continue;
      }
      names.addLast(name);
      at = look();
      if (at.status().isSymbolicLink() && (followLast || hasFurtherName())) {
        if (++links > MOST_LINKS) {
          throw failed(path, Errno.ELOOP);
        }
        String text =
            ByteText.of(kernel.readlinkat(Kernel.AT_FDCWD, ByteText.bytes(at.hostPath())));
        names.removeLast();
        if (text.startsWith("/")) {
          names.clear();
        }
        prepend(text, path);
        at = look();
      }
    }
    return at;
  }

  private boolean hasFurtherName() {
    return pending.stream().anyMatch(name -> !name.isEmpty());
  }

  private void prepend(String text, String path) throws KernelException {
    if (text.isEmpty() || text.length() >= PATH_MAX) {
      throw failed(path, text.isEmpty() ? Errno.ENOENT : Errno.ENAMETOOLONG);
    }
    String[] parts = text.split("/", -1);
    for (int i = parts.length - 1; i >= 0; i--) {
      pending.push(parts[i]);
    }
  }

  private SystemFile look() throws KernelException {
    budget.payFiles(1);
    String path = "/" + String.join("/", names);
    Optional<String> hostPath = places.hostPath(path);
    if (hostPath.isEmpty()) {
      throw failed(path, Errno.ENOENT);
    }
    return new SystemFile(path, hostPath.get(), details(path, hostPath.get()));
  }

  private FileDetails details(String path, String hostPath) throws KernelException {
    try {
      return calls.statx(Kernel.AT_FDCWD, ByteText.bytes(hostPath));
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) && places.isMadeForMount(path)) {
        return NEW_DIRECTORY;
      }
      throw e;
    }
  }

  private static KernelException failed(String path, Errno errno) {
    return new KernelException("statx", "path=" + ByteText.shown(path), errno.number());
  }
}
