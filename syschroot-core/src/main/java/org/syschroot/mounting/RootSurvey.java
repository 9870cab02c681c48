// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounting;

import java.io.IOException;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.path.HostPath;

/** Tells what the tree of an image lacks for mounts. Implementations only look, thread-safely. */
@FunctionalInterface
public interface RootSurvey {
  /** Stands in where every tree can be given the mount points that it lacks. */
  RootSurvey WRITABLE = (root, mounts, untouched) -> new Finding(List.of(), Set.of());

  /**
   * What a tree is like.
   *
   * @param lacking the mount points that are missing, and that this process cannot make
   * @param underlay the directories of the tree above them, for kernels that refuse overlayfs;
   *     empty if they cannot be read
   * @param restrictions which of {@code nosuid}, {@code nodev} and {@code noexec} its filesystem is
   *     mounted with
   */
  record Finding(
      List<AddedMountPoint> lacking,
      List<UnderlayDirectory> underlay,
      Set<MountOption> restrictions) {
    /** Creates one without directories for an underlay. */
    public Finding(List<AddedMountPoint> lacking, Set<MountOption> restrictions) {
      this(lacking, List.of(), restrictions);
    }

    /** Copies the collections. */
    public Finding {
      lacking = List.copyOf(lacking);
      underlay = List.copyOf(underlay);
      EnumSet<MountOption> copy = EnumSet.noneOf(MountOption.class);
      copy.addAll(restrictions);
      restrictions = Collections.unmodifiableSet(copy);
    }
  }

  /**
   * Looks at a tree.
   *
   * @param root the image's root directory; of one that cannot be opened nothing is said
   * @param mounts what is to be mounted in it, in order
   * @param untouched whether mount points are not to be made in the tree though they could be
   * @throws IOException if it cannot be looked at
   */
  Finding of(HostPath root, List<MountSelection.Mount> mounts, boolean untouched)
      throws IOException;
}
