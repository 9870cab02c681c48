// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mountplan;

import org.syschroot.path.ImagePath;

/** One thing to mount. Implementations are immutable. */
public sealed interface MountStep permits BindMount, TmpfsMount {
  /** Returns where in the image. */
  ImagePath target();
}
