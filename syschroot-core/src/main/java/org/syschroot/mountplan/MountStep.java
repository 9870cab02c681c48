// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mountplan;

import org.syschroot.path.ImagePath;

/** One thing to mount. Implementations are immutable. */
public sealed interface MountStep permits BindMount, TmpfsMount {
  /** Returns where in the image. */
  ImagePath target();

  /**
   * Calls the method of {@code visitor} for this kind of mount.
   *
   * @throws X as the visitor does
   */
  <R, X extends Exception> R accept(Visitor<R, X> visitor) throws X;

  /**
   * Has one method for each kind of mount.
   *
   * @param <R> what the methods return
   * @param <X> what they throw
   */
  interface Visitor<R, X extends Exception> {
    /** Visits {@link BindMount}. */
    R bind(BindMount mount) throws X;

    /** Visits {@link TmpfsMount}. */
    R tmpfs(TmpfsMount mount) throws X;
  }
}
