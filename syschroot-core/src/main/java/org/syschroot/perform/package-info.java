// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Taking the steps of a plan, whether this process is replaced or a child is made.
 *
 * <p>Start with {@link org.syschroot.perform.StepPerformer}.
 */
@NullMarked
package org.syschroot.perform;

import org.jspecify.annotations.NullMarked;
