// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * {@code syschroot doctor}: how a diagnosis is shown.
 *
 * <p>Start with {@link org.syschroot.cli.doctor.DoctorCommand}.
 */
@NullMarked
package org.syschroot.cli.doctor;

import org.jspecify.annotations.NullMarked;
