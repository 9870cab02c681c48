// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import org.syschroot.caller.Caller;
import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchListener;
import org.syschroot.plan.SwitchPlan;
import org.syschroot.plan.SwitchRequest;

/**
 * Decides what is the same for every way to run a command: whether it may run, its plan, and who is
 * told. Implementations are thread-safe.
 */
public interface SwitchRules {
  /**
   * Returns the plan of a request, and touches nothing.
   *
   * @throws SwitchException if the request cannot be carried out, or its user may not use the image
   */
  SwitchPlan plan(SwitchRequest request, Caller caller) throws SwitchException;

  /**
   * Returns the listener for one start: {@code own} first, then those of the site.
   *
   * @throws SwitchException if there is one that cannot be created
   */
  SwitchListener listener(SwitchPlan plan, SwitchListener own) throws SwitchException;
}
