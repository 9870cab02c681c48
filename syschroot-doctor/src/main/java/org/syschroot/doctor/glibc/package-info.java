// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What the GNU C library of an image is and does: its version, its cache of libraries, its known
 * flaws.
 */
@NullMarked
package org.syschroot.doctor.glibc;

import org.jspecify.annotations.NullMarked;
