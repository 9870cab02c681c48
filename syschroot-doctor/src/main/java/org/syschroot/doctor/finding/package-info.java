// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What the doctor tells.
 *
 * <p>Start with {@link org.syschroot.doctor.finding.Diagnosis}.
 */
@NullMarked
package org.syschroot.doctor.finding;

import org.jspecify.annotations.NullMarked;
