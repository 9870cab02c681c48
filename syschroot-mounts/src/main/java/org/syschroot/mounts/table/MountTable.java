// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.table;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounts.files.ProcFiles;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * The mounts of a mount namespace. Immutable and thread-safe.
 *
 * <p>Read from {@code /proc/thread-self/mountinfo}: a thread can be in another mount namespace than
 * the rest of its process, and {@code /proc/self} shows the main thread's.
 */
public final class MountTable {
  private static final String OWN = "/proc/thread-self/mountinfo";

  private final List<MountEntry> entries;
  // Made when first asked for: most callers only want the targets.
  private volatile @Nullable MountIndex index;

  private MountTable(List<MountEntry> entries) {
    this.entries = entries;
  }

  /**
   * Reads the table of the calling thread's mount namespace.
   *
   * @throws IOException if it cannot be read, or is not what the kernel documents
   */
  public static MountTable read() throws IOException {
    return parse(Files.readAllBytes(Path.of(OWN)));
  }

  /**
   * Reads the table of the calling thread's mount namespace, as another kernel shows it.
   *
   * @throws IOException if it cannot be read, or is not what the kernel documents
   */
  public static MountTable read(Kernel kernel) throws IOException {
    int fd = kernel.openat(Kernel.AT_FDCWD, OsString.of(OWN), OpenFlags.O_RDONLY, 0);
    try {
      return readFrom(kernel, fd);
    } finally {
      kernel.close(fd);
    }
  }

  /** Reads the table of a {@code mountinfo} file that has just been opened. */
  public static MountTable readFrom(Kernel kernel, int fd) throws IOException {
    return parse(ProcFiles.content(kernel, fd));
  }

  /**
   * Returns the table that the bytes of a mountinfo file describe.
   *
   * @throws IOException if it is not what the kernel documents; the message quotes the line
   */
  public static MountTable parse(byte[] mountinfo) throws IOException {
    return new MountTable(List.copyOf(new MountInfoParser(mountinfo).parse()));
  }

  private MountIndex index() {
    MountIndex made = index;
    if (made == null) {
      made = new MountIndex(entries);
      index = made;
    }
    return made;
  }

  /** Returns all mounts in the kernel's order, which is the order in which they were made. */
  public List<MountEntry> entries() {
    return entries;
  }

  /** Returns the mount of a number, as in {@code stx_mnt_id} of statx(2). */
  public Optional<MountEntry> byId(long id) {
    return index().byId(id);
  }

  /** Returns what is mounted directly on a mount, oldest first. */
  public List<MountEntry> children(MountEntry mount) {
    return index().children(mount);
  }

  /** Returns a mount and all that is mounted on it, each before those on it. */
  public List<MountEntry> tree(MountEntry top) {
    List<MountEntry> tree = new ArrayList<>(List.of(top));
    for (int i = 0; i < tree.size(); i++) {
      MountEntry mount = tree.get(i);
      children(mount).stream().filter(child -> child.id() != mount.id()).forEach(tree::add);
    }
    return List.copyOf(tree);
  }

  /** Returns the mount whose files are seen at a path: those of the top-most one there. */
  public Optional<MountEntry> seenAt(HostPath path) {
    return index().seenAt(path);
  }

  /**
   * Returns the mount that is seen at a target; empty if none is mounted there, or it is hidden.
   */
  public Optional<MountEntry> at(HostPath target) {
    return seenAt(target).filter(entry -> entry.target().equals(target.value()));
  }

  /** Returns the mounts at a path and beneath it, also hidden ones, in the kernel's order. */
  public List<MountEntry> beneath(HostPath path) {
    return entries.stream().filter(entry -> isBeneath(entry.target(), path)).toList();
  }

  /** Returns whether there is a mount beneath a path, hidden ones included. */
  public boolean hasAnyInside(HostPath path) {
    for (MountEntry entry : entries) {
      if (isBeneath(entry.target(), path) && !entry.target().equals(path.value())) {
        return true;
      }
    }
    return false;
  }

  private static boolean isBeneath(OsString target, HostPath path) {
    return MountIndex.isAtOrAbove(path.value(), target);
  }

  /** Returns the mounts of a peer group, oldest first. */
  public List<MountEntry> peers(int group) {
    return entries.stream().filter(entry -> entry.peerGroup().orElse(-1) == group).toList();
  }

  /** Returns the targets of all mounts. */
  public Set<HostPath> targets() {
    Set<HostPath> targets = new HashSet<>();
    for (MountEntry entry : entries) {
      if (entry.target().indexOf('/') == 0) {
        targets.add(HostPath.of(entry.target()));
      }
    }
    return Collections.unmodifiableSet(targets);
  }
}
