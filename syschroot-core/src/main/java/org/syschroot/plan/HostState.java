// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.util.List;
import java.util.Set;
import org.syschroot.image.DefaultPersonality;
import org.syschroot.image.MountContributor;
import org.syschroot.mount.HostFiles;
import org.syschroot.path.HostPath;

/**
 * What planning needs to know of the native system. Immutable as far as its files are.
 *
 * @param files the native system's files
 * @param mountPoints where something is mounted in the mount namespace of the caller
 * @param contributors site code that adds mounts or takes them away
 * @param personalities tells the execution domain of an image whose settings name none
 */
public record HostState(
    HostFiles files,
    Set<HostPath> mountPoints,
    List<MountContributor> contributors,
    DefaultPersonality personalities) {
  /** Copies the collections. */
  public HostState {
    mountPoints = Set.copyOf(mountPoints);
    contributors = List.copyOf(contributors);
  }

  /** Creates the state of a host on which images keep the caller's execution domain. */
  public HostState(
      HostFiles files, Set<HostPath> mountPoints, List<MountContributor> contributors) {
    this(files, mountPoints, contributors, DefaultPersonality.NONE);
  }

  /** Creates the state of a host without site code, too. */
  public HostState(HostFiles files, Set<HostPath> mountPoints) {
    this(files, mountPoints, List.of());
  }
}
