// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.util.List;

/**
 * A user with groups, as numbers. Immutable.
 *
 * @param uid the user
 * @param gid the group
 * @param groups the supplementary groups
 */
public record Identity(int uid, int gid, List<Integer> groups) {
  /** Copies the list. */
  public Identity {
    groups = List.copyOf(groups);
  }

  @Override
  public String toString() {
    return "uid="
        + Integer.toUnsignedString(uid)
        + " gid="
        + Integer.toUnsignedString(gid)
        + " groups="
        + String.join(",", groups.stream().map(Integer::toUnsignedString).toList());
  }
}
