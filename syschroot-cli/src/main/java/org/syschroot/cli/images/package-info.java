// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * {@code syschroot create}, {@code import}, {@code list}, {@code show} and {@code remove}.
 *
 * <p>Start with {@link org.syschroot.cli.images.CreateCommand}.
 */
@NullMarked
package org.syschroot.cli.images;

import org.jspecify.annotations.NullMarked;
