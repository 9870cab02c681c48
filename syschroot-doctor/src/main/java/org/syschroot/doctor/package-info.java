// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/** Foretells what will go wrong in an image. Start with {@link org.syschroot.doctor.Doctor}. */
@NullMarked
package org.syschroot.doctor;

import org.jspecify.annotations.NullMarked;
