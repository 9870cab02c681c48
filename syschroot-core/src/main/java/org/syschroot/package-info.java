// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The library's front door.
 *
 * <p>Start with {@link org.syschroot.Syschroot}.
 */
@NullMarked
package org.syschroot;

import org.jspecify.annotations.NullMarked;
