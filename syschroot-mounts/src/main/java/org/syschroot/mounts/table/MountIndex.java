// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.table;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/** Which mount is on which. Immutable and thread-safe. */
public final class MountIndex {
  private static final OsString ROOT = OsString.of("/");

  private final Map<Integer, MountEntry> byId = new HashMap<>();
  private final Map<Integer, List<MountEntry>> byParent = new HashMap<>();
  private final @Nullable MountEntry root;

  public MountIndex(List<MountEntry> entries) {
    MountEntry outermost = null;
    for (MountEntry entry : entries) {
      byId.put(entry.id(), entry);
      byParent.computeIfAbsent(entry.parent(), id -> new ArrayList<>(2)).add(entry);
    }
    for (MountEntry entry : entries) {
      boolean isOutermost = !byId.containsKey(entry.parent()) || entry.parent() == entry.id();
      if (outermost == null && isOutermost && entry.target().equals(ROOT)) {
        outermost = entry;
      }
    }
    root = outermost;
  }

  public Optional<MountEntry> byId(long id) {
    return id > Integer.MAX_VALUE ? Optional.empty() : Optional.ofNullable(byId.get((int) id));
  }

  public List<MountEntry> children(MountEntry entry) {
    return List.copyOf(byParent.getOrDefault(entry.id(), List.of()));
  }

  /**
   * Walks a path as the kernel does: from a mount to the first one on the way that is mounted on
   * it, so that what a later mount hides is not found.
   */
  public Optional<MountEntry> seenAt(HostPath path) {
    MountEntry current = root;
    for (MountEntry next = root; next != null; next = next(next, path)) {
      current = next;
    }
    return Optional.ofNullable(current);
  }

  @SuppressWarnings("ReferenceEquality") // all come of the one table
  private @Nullable MountEntry next(MountEntry mount, HostPath path) {
    MountEntry first = null;
    for (MountEntry child : byParent.getOrDefault(mount.id(), List.of())) {
      boolean onTheWay = child != mount && isAtOrAbove(child.target(), path.value());
      if (onTheWay && (first == null || child.target().length() < first.target().length())) {
        first = child;
      }
    }
    return first;
  }

  /** Compares text: to make a path of every mount's target would take most of the time. */
  public static boolean isAtOrAbove(OsString ancestor, OsString path) {
    return ancestor.equals(ROOT)
        || (path.startsWith(ancestor)
            && (path.length() == ancestor.length() || path.at(ancestor.length()) == '/'));
  }
}
