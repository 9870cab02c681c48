// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What is known of that of which an image is made: a tree, settings in a registry, a platform.
 *
 * <p>Start with {@link org.syschroot.images.origin.ConfigSettings}.
 */
@NullMarked
package org.syschroot.images.origin;

import org.jspecify.annotations.NullMarked;
