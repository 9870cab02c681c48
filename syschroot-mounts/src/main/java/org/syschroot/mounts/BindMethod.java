// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import org.syschroot.mount.BindMount;

/** A way to attach a bind mount to a place that is held by a descriptor. */
interface BindMethod {
  /**
   * Mounts, with all options. If it fails nothing is mounted, or the failure says so in a
   * suppressed one.
   *
   * @throws IOException if a call fails
   */
  Attached bind(BindMount step, Descriptor target) throws IOException;
}
