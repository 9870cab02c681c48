// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * {@code syschroot link}, {@code unlink} and {@code launcher}.
 *
 * <p>Start with {@link org.syschroot.cli.launcher.LinkCommand}.
 */
@NullMarked
package org.syschroot.cli.launcher;

import org.jspecify.annotations.NullMarked;
