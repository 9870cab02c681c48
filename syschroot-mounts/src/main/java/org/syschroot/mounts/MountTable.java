// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * What is mounted in a mount namespace. Immutable and thread-safe.
 *
 * <p>Read from {@code /proc/thread-self/mountinfo}: a thread can be in another mount namespace than
 * the rest of its process, and {@code /proc/self} shows the main thread's.
 */
public final class MountTable {
  private static final Path OWN = Path.of("/proc/thread-self/mountinfo");

  private final List<MountEntry> entries;

  private MountTable(List<MountEntry> entries) {
    this.entries = entries;
  }

  /**
   * Reads the table of the calling thread's mount namespace.
   *
   * @throws IOException if it cannot be read, or is not what the kernel documents
   */
  public static MountTable read() throws IOException {
    return parse(Files.readAllBytes(OWN));
  }

  static MountTable parse(byte[] mountinfo) throws IOException {
    return new MountTable(List.copyOf(new MountInfoParser(mountinfo).parse()));
  }

  /** Returns all mounts in the kernel's order, which is the order in which they were made. */
  public List<MountEntry> entries() {
    return entries;
  }

  /** Returns the mount that is seen at a target: the last one made there. */
  public Optional<MountEntry> at(HostPath target) {
    for (int i = entries.size() - 1; i >= 0; i--) {
      if (entries.get(i).target().equals(target.value())) {
        return Optional.of(entries.get(i));
      }
    }
    return Optional.empty();
  }

  /** Returns the mounts at a path and beneath it, in the kernel's order. */
  public List<MountEntry> beneath(HostPath path) {
    return entries.stream().filter(entry -> isBeneath(entry.target(), path)).toList();
  }

  private static boolean isBeneath(OsString target, HostPath path) {
    return target.indexOf('/') == 0 && HostPath.of(target).startsWith(path);
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
