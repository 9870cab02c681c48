// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Plans in words and as data for programs.
 *
 * <p>Start with {@link org.syschroot.describe.PlanDescription}.
 */
@NullMarked
package org.syschroot.describe;

import org.jspecify.annotations.NullMarked;
