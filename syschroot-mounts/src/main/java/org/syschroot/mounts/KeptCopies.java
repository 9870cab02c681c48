// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.PathResolver;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * Copies of mounts that are being unmounted, which nobody sees and by which they can be put back: a
 * copy has all that the mount has, also what could not be mounted a second time, such as the mount
 * of a user's daemon. It does not keep the mount busy. For one thread.
 *
 * <p>Made with open_tree(2), Linux 5.2. A mount of which there is no copy, there or because the
 * kernel refuses it, is not put back.
 */
final class KeptCopies implements AutoCloseable {
  private static final OsString EMPTY = OsString.of("");
  private static final int COPY =
      MountFlags.OPEN_TREE_CLONE | MountFlags.AT_RECURSIVE | MountFlags.AT_EMPTY_PATH;

  private final Kernel kernel;
  private final PathResolver resolver;
  private final MountTable before;
  private final Deque<Copy> copies = new ArrayDeque<>();

  /**
   * Prepares to keep copies.
   *
   * @param before what was mounted before the first is unmounted
   */
  KeptCopies(Kernel kernel, PathResolver resolver, MountTable before) {
    this.kernel = kernel;
    this.resolver = resolver;
    this.before = before;
  }

  private record Copy(MountEntry entry, Descriptor tree) {}

  /** Copies a mount with what is mounted on it, right before it is unmounted. */
  void add(MountEntry entry) {
    try (Descriptor mount = MountedDescriptor.open(resolver, entry)) {
      int tree = kernel.openTree(mount.number(), EMPTY, COPY);
      copies.push(new Copy(entry, Descriptor.opened(kernel, tree)));
    } catch (IOException notToBeCopied) {
      // What is missing in the end is told then.
    }
  }

  /**
   * Puts back what is missing, in reverse order.
   *
   * @return what failed
   */
  List<IOException> putBack() {
    List<IOException> failures = new ArrayList<>();
    for (Copy copy : copies) {
      try {
        if (isMissing(copy.entry())) {
          attach(copy);
        }
      } catch (IOException e) {
        failures.add(e);
      }
    }
    return failures;
  }

  /** What was put back before may have brought it along, where mounts are shared. */
  private boolean isMissing(MountEntry entry) throws IOException {
    return count(MountTable.read(kernel), entry) < count(before, entry);
  }

  /** Returns how often the same is mounted at the same place. */
  static long count(MountTable table, MountEntry entry) {
    return table.entries().stream()
        .filter(other -> other.target().equals(entry.target()) && other.showsTheSameAs(entry))
        .count();
  }

  private void attach(Copy copy) throws KernelException {
    try (Descriptor place = resolver.withoutLinks(HostPath.of(copy.entry().target()), 0)) {
      kernel.moveMount(copy.tree().number(), place.number());
    }
  }

  /** Lets the copies go. Those that were put back stay mounted. */
  @Override
  public void close() {
    copies.forEach(copy -> copy.tree().close());
  }
}
