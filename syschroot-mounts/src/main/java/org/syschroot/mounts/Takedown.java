// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.HostPath;

/**
 * Which mounts have to go with those of an image, decided from one reading of the mount table.
 * Immutable.
 *
 * @param order all that go, each after those that are mounted on it
 * @param separate those of the image's mounts that have a peer which stays: what is unmounted
 *     beneath a shared mount is unmounted in all its peers, so these must leave their group before
 * @param inTheWay what nobody asked to unmount: what is mounted on those in {@code order} and is
 *     seen nowhere else, so that it would be lost, and what hides them
 */
record Takedown(List<MountEntry> order, List<MountEntry> separate, List<MountEntry> inTheWay) {
  /** Copies the lists. */
  Takedown {
    order = List.copyOf(order);
    separate = List.copyOf(separate);
    inTheWay = List.copyOf(inTheWay);
  }

  /**
   * Decides what goes.
   *
   * <p>Where the image's root is seen in several shared mounts, the kernel has made each mount of
   * the image in all of them. It unmounts the copies too, but only those that nothing is mounted
   * on, so they are taken down like the others.
   *
   * @param tops the image's own mounts
   */
  static Takedown of(MountTable table, Collection<MountEntry> tops) {
    Set<MountEntry> roots = new LinkedHashSet<>();
    tops.forEach(top -> roots.addAll(copies(table, top)));
    roots.addAll(tops);
    Map<Integer, MountEntry> all = new LinkedHashMap<>();
    List<MountEntry> separate = new ArrayList<>();
    for (MountEntry root : roots) {
      table.tree(root).forEach(entry -> all.putIfAbsent(entry.id(), entry));
    }
    for (MountEntry root : roots) {
      if (table.tree(root).stream().anyMatch(entry -> hasPeerOutside(table, entry, all))) {
        separate.add(root);
      }
    }
    List<MountEntry> order = new ArrayList<>(all.values());
    Collections.reverse(order);
    Set<MountEntry> inTheWay = new LinkedHashSet<>();
    for (MountEntry entry : all.values()) {
      if (!roots.contains(entry) && !cameAlong(table, entry, all, roots)) {
        inTheWay.add(entry);
      }
      table
          .seenAt(HostPath.of(entry.target()))
          .filter(hiding -> !all.containsKey(hiding.id()))
          .ifPresent(inTheWay::add);
    }
    return new Takedown(childrenFirst(table, order), separate, List.copyOf(inTheWay));
  }

  /** A tree can hold another one that was added before it. */
  private static List<MountEntry> childrenFirst(MountTable table, List<MountEntry> entries) {
    Set<MountEntry> sorted = new LinkedHashSet<>();
    for (MountEntry entry : entries) {
      List<MountEntry> tree = table.tree(entry);
      for (int i = tree.size() - 1; i >= 0; i--) {
        sorted.add(tree.get(i));
      }
    }
    return List.copyOf(sorted);
  }

  private static List<MountEntry> copies(MountTable table, MountEntry top) {
    MountEntry parent = table.byId(top.parent()).orElse(null);
    if (parent == null || parent.peerGroup().isEmpty()) {
      return List.of();
    }
    List<MountEntry> copies = new ArrayList<>();
    for (MountEntry receiver : receivers(table, parent.peerGroup().getAsInt())) {
      for (MountEntry child : table.children(receiver)) {
        if (!child.equals(top) && isCopyOf(table, child, top)) {
          copies.add(child);
        }
      }
    }
    return copies;
  }

  /** Returns the mounts in which a mount appears that is made in one of a peer group. */
  private static List<MountEntry> receivers(MountTable table, int group) {
    Set<Integer> groups = new TreeSet<>(Set.of(group));
    Set<MountEntry> receivers = new LinkedHashSet<>();
    boolean more = true;
    while (more) {
      more = false;
      for (MountEntry entry : table.entries()) {
        boolean receives =
            groups.contains(entry.peerGroup().orElse(-1))
                || groups.contains(entry.masterGroup().orElse(-1));
        if (receives && receivers.add(entry)) {
          more |= entry.peerGroup().isPresent() && groups.add(entry.peerGroup().getAsInt());
        }
      }
    }
    return List.copyOf(receivers);
  }

  private static boolean hasPeerOutside(
      MountTable table, MountEntry entry, Map<Integer, MountEntry> all) {
    return entry.peerGroup().isPresent()
        && table.peers(entry.peerGroup().getAsInt()).stream()
            .anyMatch(peer -> !all.containsKey(peer.id()));
  }

  /**
   * Whether a mount is here because it is beneath the source of the one it is on: then it follows
   * another, or the same is seen there still, or it is one of the image's own, which is beneath the
   * source of another one.
   */
  private static boolean cameAlong(
      MountTable table, MountEntry entry, Map<Integer, MountEntry> all, Set<MountEntry> roots) {
    return entry.masterGroup().isPresent()
        || roots.stream().anyMatch(own -> isCopyOf(table, own, entry))
        || table.entries().stream()
            .anyMatch(other -> !all.containsKey(other.id()) && other.showsTheSameAs(entry));
  }

  /** Whether two mounts show the same, on the same directory of a file system. */
  private static boolean isCopyOf(MountTable table, MountEntry one, MountEntry other) {
    Optional<MountEntry> below = table.byId(one.parent());
    Optional<MountEntry> belowOther = table.byId(other.parent());
    return one.showsTheSameAs(other)
        && below.isPresent()
        && belowOther.isPresent()
        && below.get().device().equals(belowOther.get().device())
        && below
            .get()
            .inFileSystem(one.target())
            .equals(belowOther.get().inFileSystem(other.target()));
  }
}
