// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What a switch will do, decided before anything is done.
 *
 * <p>Start with {@link org.syschroot.plan.SwitchRequest}: with what is known of the host it becomes
 * an {@link org.syschroot.plan.ImagePlan}, an ordered list of steps that may hold symbols, and with
 * what is known of a caller that becomes a {@link org.syschroot.plan.SwitchPlan}, an ordered list
 * of {@link org.syschroot.plan.KernelStep}s. Planning touches nothing; whoever carries out a plan,
 * or translates it, only walks the list.
 */
@NullMarked
package org.syschroot.plan;

import org.jspecify.annotations.NullMarked;
