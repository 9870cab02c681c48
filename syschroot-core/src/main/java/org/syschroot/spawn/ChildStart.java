// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import org.syschroot.kernel.KernelException;
import org.syschroot.plan.SwitchException;

/** A way to make one child in an image. For one start. */
interface ChildStart {
  /**
   * Makes the child; returns when its program has begun.
   *
   * @throws SwitchException if a step failed; then there is no child
   * @throws KernelException if the child cannot be looked after; there may be one
   */
  void spawn() throws SwitchException, KernelException;

  /** Returns the process id of the child, or 0 if there is none. */
  int pid();
}
