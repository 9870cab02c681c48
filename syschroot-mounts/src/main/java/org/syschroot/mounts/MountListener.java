// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import org.syschroot.mountplan.MountStep;
import org.syschroot.path.OsString;

/** Listener for mounts and unmounts, called after each of them. */
public interface MountListener {
  /** Does nothing. */
  MountListener NONE = new MountListener() {};

  /** A planned mount was made. */
  default void mounted(MountStep step) {}

  /**
   * A mount was removed.
   *
   * @param target where it was, on the native system
   */
  default void unmounted(OsString target) {}
}
