// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.OsString;

/**
 * Finds what {@link UnderlayMounter} has bound in a root directory that it made: each shows what
 * the tree beneath has in the same place. Stateless.
 */
final class UnderlayPieces {
  private static final OsString TMPFS = OsString.of("tmpfs");
  private static final OsString SOURCE = OsString.of(RootLayers.SOURCE);

  private UnderlayPieces() {}

  /**
   * Returns them; none of a root directory that is made otherwise.
   *
   * @param root the mount that is the root directory
   */
  static List<MountEntry> of(MountTable table, MountEntry root) {
    Optional<MountEntry> tree = tree(table, root);
    if (tree.isEmpty()) {
      return List.of();
    }
    List<MountEntry> pieces = new ArrayList<>();
    for (MountEntry child : table.children(root)) {
      if (child.id() != root.id()
          && child.device().equals(tree.get().device())
          && child.root().equals(tree.get().inFileSystem(child.target()))) {
        pieces.add(child);
      }
    }
    return pieces;
  }

  /** Returns the mount that holds the tree beneath, or empty if nothing was made over one. */
  private static Optional<MountEntry> tree(MountTable table, MountEntry root) {
    Optional<MountEntry> below = Optional.of(root);
    while (below.isPresent() && isMade(below.get(), root)) {
      int parent = below.get().parent();
      below = table.byId(parent).filter(entry -> entry.id() != root.id());
    }
    return below.filter(tree -> tree.id() != root.id());
  }

  private static boolean isMade(MountEntry entry, MountEntry root) {
    return entry.type().equals(TMPFS)
        && entry.source().startsWith(SOURCE)
        && entry.target().equals(root.target());
  }
}
