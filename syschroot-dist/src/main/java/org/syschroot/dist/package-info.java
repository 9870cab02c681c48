// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Makes what a package holds beside the command: manual pages, completions, units.
 *
 * <p>Start with {@link org.syschroot.dist.PackageFiles}.
 */
@NullMarked
package org.syschroot.dist;

import org.jspecify.annotations.NullMarked;
