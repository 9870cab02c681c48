// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The doctor's checks, one class an idea. Start with {@link
 * org.syschroot.doctor.checks.StandardChecks}.
 */
@NullMarked
package org.syschroot.doctor.checks;

import org.jspecify.annotations.NullMarked;
