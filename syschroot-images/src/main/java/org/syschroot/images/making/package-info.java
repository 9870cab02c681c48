// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The making of an image, from its first trace in the configuration to the end.
 *
 * <p>Start with {@link org.syschroot.images.making.Making}.
 */
@NullMarked
package org.syschroot.images.making;

import org.jspecify.annotations.NullMarked;
