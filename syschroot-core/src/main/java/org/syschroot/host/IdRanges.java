// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.host;

import java.util.List;

/**
 * Numbers of users and groups that the administrator has left to a caller, subuid(5) and subgid(5),
 * in the order in which they follow 0 in a user namespace. Immutable.
 *
 * @param users ranges of user IDs of the host
 * @param groups ranges of group IDs of the host
 */
public record IdRanges(List<Range> users, List<Range> groups) {
  /** No numbers but the caller's own. */
  public static final IdRanges NONE = new IdRanges(List.of(), List.of());

  /**
   * Numbers that follow one another.
   *
   * @param first the lowest, from 1 on
   * @param count how many, from 1 on
   */
  public record Range(long first, long count) {
    /** Checks that there are any, and that the kernel has them. */
    public Range {
      if (first < 1 || count < 1 || first + count > 0xffff_ffffL) {
        throw new IllegalArgumentException(first + ":" + count + " is no range of IDs");
      }
    }
  }

  /** Tells which numbers the caller has. */
  @FunctionalInterface
  public interface Source {
    /** Returns them, or {@link #NONE} where the host has no way to use them. */
    IdRanges ofCaller();
  }

  /** Copies the lists. */
  public IdRanges {
    users = List.copyOf(users);
    groups = List.copyOf(groups);
  }

  /** Returns whether there are no such numbers. */
  public boolean isEmpty() {
    return users.isEmpty() || groups.isEmpty();
  }

  /** Returns how many users there are besides the caller. */
  public long countOfUsers() {
    return users.stream().mapToLong(Range::count).sum();
  }
}
