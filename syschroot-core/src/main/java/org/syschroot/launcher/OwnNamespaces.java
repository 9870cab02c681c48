// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.List;
import java.util.Optional;
import org.syschroot.image.LauncherKind;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.plan.UserIds;

/**
 * The namespaces that a launcher makes for each command, and what it mounts there. Immutable.
 *
 * @param user the numbers of the caller in a user namespace, or empty for none
 * @param mount whether there is a mount namespace
 * @param layers what the root directory is made of, or empty where it is the tree itself
 * @param mounts what is mounted, in this order
 * @param userIfUnprivileged whether a launcher that has lost its privilege, under no_new_privs or a
 *     tracer, makes a user namespace instead
 */
public record OwnNamespaces(
    Optional<UserIds> user,
    boolean mount,
    Optional<RootLayers> layers,
    List<MountSelection.Mount> mounts,
    boolean userIfUnprivileged) {
  /** No namespace: the mounts of boot time are used. */
  public static final OwnNamespaces NONE = new OwnNamespaces(Optional.empty(), false, List.of());

  /**
   * Creates namespaces with the tree as it is, without which a launcher that has lost its privilege
   * refuses.
   */
  public OwnNamespaces(Optional<UserIds> user, boolean mount, List<MountSelection.Mount> mounts) {
    this(user, mount, Optional.empty(), mounts, false);
  }

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if there are mounts, or is a user namespace, without a mount
   *     namespace
   */
  public OwnNamespaces {
    mounts = List.copyOf(mounts);
    if (!mount && (user.isPresent() || layers.isPresent() || !mounts.isEmpty())) {
      throw new IllegalArgumentException("mounts need a mount namespace");
    }
  }

  OwnNamespaces withUserIfUnprivileged() {
    return new OwnNamespaces(user, mount, layers, mounts, true);
  }

  /** Returns the kind of launcher. */
  public LauncherKind kind() {
    if (user.isPresent()) {
      return LauncherKind.ROOTLESS;
    }
    return mount ? LauncherKind.ENTRY : LauncherKind.BOOT;
  }
}
