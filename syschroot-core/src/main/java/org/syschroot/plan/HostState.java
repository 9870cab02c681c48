// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.util.Set;
import org.syschroot.mount.HostFiles;
import org.syschroot.path.HostPath;

/**
 * What planning needs to know of the native system. Immutable as far as its files are.
 *
 * @param files the native system's files
 * @param mountPoints where something is mounted in the mount namespace of the caller
 */
public record HostState(HostFiles files, Set<HostPath> mountPoints) {
  /** Copies the set. */
  public HostState {
    mountPoints = Set.copyOf(mountPoints);
  }
}
