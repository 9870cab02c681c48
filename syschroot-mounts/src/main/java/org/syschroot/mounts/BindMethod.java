// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.Map;
import org.syschroot.kernel.MountFlags;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.Propagation;
import org.syschroot.mounts.files.Descriptor;

/** A way to attach a bind mount to a place that is held by a descriptor. */
interface BindMethod {
  /** The flags that set a propagation, for mount(2) and mount_setattr(2) alike. */
  Map<Propagation, Long> PROPAGATIONS =
      Map.of(
          Propagation.PRIVATE, MountFlags.MS_PRIVATE,
          Propagation.SLAVE, MountFlags.MS_SLAVE,
          Propagation.SHARED, MountFlags.MS_SHARED);

  /**
   * Mounts, with all options. If it fails nothing is mounted, or the failure says so in a
   * suppressed one.
   *
   * @throws IOException if a call fails
   */
  Attached bind(BindMount step, Descriptor target) throws IOException;
}
