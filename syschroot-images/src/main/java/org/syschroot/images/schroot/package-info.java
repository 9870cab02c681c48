// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What schroot's configuration says, in the settings of images.
 *
 * <p>Start with {@link org.syschroot.images.schroot.SchrootImport}.
 */
@NullMarked
package org.syschroot.images.schroot;

import org.jspecify.annotations.NullMarked;
