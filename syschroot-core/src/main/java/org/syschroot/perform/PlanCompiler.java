// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import org.syschroot.plan.SwitchException;
import org.syschroot.plan.SwitchPlan;

/**
 * Makes a program of a plan that only a process of one thread can carry out. Implementations are
 * thread-safe.
 */
@FunctionalInterface
public interface PlanCompiler {
  /**
   * Returns the program, having done what it cannot do by itself.
   *
   * @param reports the descriptor that it writes messages to; if that is not standard error, a NUL
   *     behind the message that it ends with
   * @param userNamespace the descriptor of a {@link UserNamespace}, or a negative number if the
   *     program makes a user namespace
   * @throws SwitchException if the plan cannot be compiled, or the program could not succeed
   */
  byte[] compile(SwitchPlan plan, int reports, int userNamespace) throws SwitchException;
}
