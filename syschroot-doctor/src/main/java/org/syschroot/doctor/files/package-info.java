// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The files of a whole system, native or image, as a process in it would see them. Start with
 * {@link org.syschroot.doctor.files.SystemFiles}.
 */
@NullMarked
package org.syschroot.doctor.files;

import org.jspecify.annotations.NullMarked;
