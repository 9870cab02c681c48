// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The package database of an image of RPM packages, read by the host's rpm. Start with {@link
 * org.syschroot.doctor.rpm.RpmDatabase}.
 */
@NullMarked
package org.syschroot.doctor.rpm;

import org.jspecify.annotations.NullMarked;
