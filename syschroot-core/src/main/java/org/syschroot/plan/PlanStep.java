// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.plan;

import java.util.Optional;

/**
 * One step of an {@link ImagePlan}: a {@link KernelStep} that is the same for every caller, or a
 * {@link SymbolicStep} that stands for one. Implementations are immutable.
 */
public sealed interface PlanStep permits KernelStep, SymbolicStep {
  /**
   * Calls the method of {@code translator} for this kind of step.
   *
   * @throws X as the translator does
   */
  <R, X extends Exception> R translate(Translator<R, X> translator) throws X;

  /**
   * Returns the step of one caller, or empty if there is nothing to do for this one.
   *
   * @throws SwitchException if it cannot be taken for this caller
   */
  Optional<KernelStep> bind(SymbolicStep.Visitor<Optional<KernelStep>, SwitchException> caller)
      throws SwitchException;

  /**
   * Has one method for each kind of step, so that no way to run a plan without a caller can
   * overlook one.
   *
   * @param <R> what the methods return
   * @param <X> what they throw
   */
  interface Translator<R, X extends Exception>
      extends KernelStep.Visitor<R, X>, SymbolicStep.Visitor<R, X> {}
}
