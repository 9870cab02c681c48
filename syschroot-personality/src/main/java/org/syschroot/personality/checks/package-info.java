// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The doctor's checks, one class an idea. Start with {@link
 * org.syschroot.personality.checks.StandardChecks}.
 */
@NullMarked
package org.syschroot.personality.checks;

import org.jspecify.annotations.NullMarked;
