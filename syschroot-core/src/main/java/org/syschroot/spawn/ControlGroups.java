// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.OsString;

/**
 * The control groups of a child, open so that it can enter them as another user too. For one start.
 */
final class ControlGroups implements AutoCloseable {
  private final Kernel kernel;
  private final ArrayList<Integer> descriptors = new ArrayList<>();

  ControlGroups(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Opens them. */
  void open(List<Path> directories) throws KernelException {
    descriptors.ensureCapacity(directories.size()); // or an open one could be lost to a full heap
    for (Path directory : directories) {
      OsString file = OsString.of(directory.resolve("cgroup.procs").toString());
      descriptors.add(kernel.openat(Kernel.AT_FDCWD, file, OpenFlags.O_WRONLY, 0));
    }
  }

  List<Integer> descriptors() {
    return descriptors;
  }

  /** Closes them. Takes no memory, and tells of no failure: what was written is the child's. */
  @Override
  public void close() {
    while (!descriptors.isEmpty()) { // without an iterator
      try {
        kernel.close(descriptors.remove(descriptors.size() - 1));
      } catch (KernelException closedAnyway) {
        // close(2) gives the descriptor back whatever it returns.
      }
    }
  }
}
