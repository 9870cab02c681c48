// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * A program that runs one command in every image and compares the results.
 *
 * <p>Start with {@link org.syschroot.examples.buildmatrix.BuildMatrix}.
 */
@NullMarked
package org.syschroot.examples.buildmatrix;

import org.jspecify.annotations.NullMarked;
