// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.caller;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.OsString;

/**
 * The working directory of a process, as the pathnames that lead to it. Immutable.
 *
 * @param pathnames the one of getcwd(2), then the one in {@code $PWD} if it is another one of the
 *     same directory, as where a symbolic link is on the way; none if the directory was deleted,
 *     lies outside the root directory, or has a pathname longer than {@code PATH_MAX}
 */
public record WorkingDirectory(List<OsString> pathnames) {
  /** A directory without a pathname. */
  public static final WorkingDirectory UNNAMED = new WorkingDirectory(List.of());

  private static final OsString HERE = OsString.of(".");
  private static final OsString SLASH = OsString.of("/");

  /** Copies the list. */
  public WorkingDirectory {
    pathnames = List.copyOf(pathnames);
  }

  /** Returns the directory of some pathnames. */
  public static WorkingDirectory at(String... pathnames) {
    return new WorkingDirectory(Arrays.stream(pathnames).map(OsString::of).toList());
  }

  /**
   * Returns the working directory of the calling thread.
   *
   * @param environment the entries of the environment, whose {@code PWD} is not trusted
   */
  public static WorkingDirectory current(Kernel kernel, List<OsString> environment) {
    List<OsString> pathnames = new ArrayList<>();
    try {
      OsString physical = kernel.getcwd();
      if (physical.startsWith(SLASH)) { // else "(unreachable)/..."
        pathnames.add(physical);
      }
    } catch (KernelException unnamed) {
      // ENOENT or ENAMETOOLONG: it has no pathname.
    }
    Optional<OsString> logical = Environment.of(environment).get(OsString.of("PWD"));
    if (logical.isPresent()
        && !pathnames.contains(logical.get())
        && isPlain(logical.get())
        && isHere(kernel, logical.get())) {
      pathnames.add(logical.get());
    }
    return new WorkingDirectory(pathnames);
  }

  /** Returns whether this is what POSIX lets {@code $PWD} be: absolute, without dot and dot-dot. */
  private static boolean isPlain(OsString path) {
    if (!path.startsWith(SLASH)) {
      return false;
    }
    for (OsString name : path.splitAt('/')) {
      if (name.equals(HERE) || name.equals(OsString.of(".."))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isHere(Kernel kernel, OsString path) {
    try {
      int here = kernel.openat(Kernel.AT_FDCWD, HERE, OpenFlags.O_PATH, 0);
      try {
        int there = kernel.openat(Kernel.AT_FDCWD, path, OpenFlags.O_PATH, 0);
        try {
          return kernel.fstat(there).sameFileAs(kernel.fstat(here));
        } finally {
          kernel.close(there);
        }
      } finally {
        kernel.close(here);
      }
    } catch (KernelException elsewhere) {
      return false;
    }
  }
}
