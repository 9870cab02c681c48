// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What a child is to have before its program begins. Immutable.
 *
 * @param descriptors our descriptor for each number that the program is to have; it has no other
 * @param blocked the signals that the program blocks; bit n-1 is signal n
 * @param ignored the signals that it ignores if this process does; all others have their default
 * @param limits the limit of each resource, set as the child's user
 * @param controlGroups descriptors of {@code cgroup.procs} files, open for writing, whose control
 *     groups it is to be in
 * @param uid the user to become, or empty for that of the calling thread
 * @param ownProc whether to mount a proc(5) for its pid namespace on {@code /proc}
 */
public record ChildSettings(
    Map<Integer, Integer> descriptors,
    long blocked,
    long ignored,
    Map<Integer, ResourceLimit> limits,
    List<Integer> controlGroups,
    OptionalInt uid,
    boolean ownProc) {
  /**
   * Copies the collections.
   *
   * @throws IllegalArgumentException if the user is -1, which setresuid(2) takes for "unchanged"
   */
  public ChildSettings {
    if (uid.isPresent() && uid.getAsInt() == -1) {
      throw new IllegalArgumentException("4294967295 (-1) is not a user");
    }
    descriptors = Map.copyOf(descriptors);
    limits = Map.copyOf(limits);
    controlGroups = List.copyOf(controlGroups);
  }

  /** Returns these settings with other descriptors of ours for the same numbers. */
  ChildSettings with(Map<Integer, Integer> others) {
    return new ChildSettings(others, blocked, ignored, limits, controlGroups, uid, ownProc);
  }

  /** Returns whether there is nothing that posix_spawn(3) could not do as well. */
  public boolean isPlain() {
    return limits.isEmpty() && controlGroups.isEmpty() && uid.isEmpty() && !ownProc;
  }
}
