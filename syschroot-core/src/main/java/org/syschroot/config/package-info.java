// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The configuration files of images, read into the model.
 *
 * <p>Start with {@link org.syschroot.config.CatalogReader}.
 */
@NullMarked
package org.syschroot.config;

import org.jspecify.annotations.NullMarked;
