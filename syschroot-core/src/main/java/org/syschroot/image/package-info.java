// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The images of a host: what an administrator has configured.
 *
 * <p>Start with {@link org.syschroot.image.ImageCatalog} and {@link org.syschroot.image.Image}.
 */
@NullMarked
package org.syschroot.image;

import org.jspecify.annotations.NullMarked;
