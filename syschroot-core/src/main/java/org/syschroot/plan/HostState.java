// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.util.List;
import java.util.Set;
import org.syschroot.image.MountContributor;
import org.syschroot.mount.HostFiles;
import org.syschroot.path.HostPath;

/**
 * What planning needs to know of the native system. Immutable as far as its files are.
 *
 * @param files the native system's files
 * @param mountPoints where something is mounted in the mount namespace of the caller
 * @param contributors site code that adds mounts or takes them away
 */
public record HostState(
    HostFiles files, Set<HostPath> mountPoints, List<MountContributor> contributors) {
  /** Copies the collections. */
  public HostState {
    mountPoints = Set.copyOf(mountPoints);
    contributors = List.copyOf(contributors);
  }

  /** Creates the state of a host without site code. */
  public HostState(HostFiles files, Set<HostPath> mountPoints) {
    this(files, mountPoints, List.of());
  }
}
