// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The example of {@code docs/embedding.md}.
 *
 * <p>Start with {@link org.syschroot.examples.embedding.RunMake}.
 */
@NullMarked
package org.syschroot.examples.embedding;

import org.jspecify.annotations.NullMarked;
