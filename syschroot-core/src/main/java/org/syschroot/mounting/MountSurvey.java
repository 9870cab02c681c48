// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounting;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.path.HostPath;

/**
 * The one place that tells what is mounted in an image. Whoever enters, mounts, submits or shows
 * asks it, so that they cannot differ. Implementations are thread-safe.
 */
@FunctionalInterface
public interface MountSurvey {
  /** Stands in where nothing is mounted. */
  MountSurvey NOTHING_MOUNTED = MountSurvey::allMissing;

  /**
   * Returns what is at the target of each planned mount, in the mount namespace of the calling
   * thread and in the order of the plan. Targets are resolved in the image, as for mounting.
   *
   * @param root the image's root directory; if it cannot be opened, nothing is mounted there
   * @throws IOException if the mount table or a target cannot be looked at
   */
  List<MountStatus> of(HostPath root, MountSelection selection) throws IOException;

  /** Returns the answer for an image in which nothing is mounted. */
  static List<MountStatus> allMissing(HostPath root, MountSelection selection) {
    List<MountStatus> all = new ArrayList<>();
    for (MountSelection.Mount mount : selection.mounts()) {
      all.add(
          new MountStatus(
              mount.step().target(), Optional.of(mount), MountStatus.State.MISSING, "", true));
    }
    return List.copyOf(all);
  }
}
