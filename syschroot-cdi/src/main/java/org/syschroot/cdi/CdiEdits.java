// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cdi;

import java.util.List;
import org.syschroot.mountplan.BindMount;

/**
 * What devices need. Immutable.
 *
 * @param mounts device nodes, libraries, sockets, and names under which a hook would link a library
 */
record CdiEdits(List<BindMount> mounts) {
  CdiEdits {
    mounts = List.copyOf(mounts);
  }
}
