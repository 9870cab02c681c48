// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Reads archives of trees, byte for byte and compressed in the usual ways.
 *
 * <p>Start with {@link org.syschroot.images.archive.TarReader}.
 */
@NullMarked
package org.syschroot.images.archive;

import org.jspecify.annotations.NullMarked;
