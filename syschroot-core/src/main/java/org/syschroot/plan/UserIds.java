// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

/**
 * Which numbers the user and the group of a caller have in a user namespace of its own. To all
 * other users of the host, and to their files, nothing changes either way.
 */
public enum UserIds {
  /** Those that they have outside. The command has no privileges at all. */
  KEPT,
  /**
   * 0: the command is root, in its own namespace only, over what belongs to the caller and what it
   * mounts. The users and groups that {@code /etc/subuid} and {@code /etc/subgid} leave to the
   * caller are those from 1 on, if the host has newuidmap(1) and newgidmap(1).
   */
  AS_ROOT
}
