// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The sources that a new image can be made from, as the field spells them.
 *
 * <p>Start with {@link org.syschroot.images.source.ImageSource}.
 */
@NullMarked
package org.syschroot.images.source;

import org.jspecify.annotations.NullMarked;
