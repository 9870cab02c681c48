// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What schroot's configuration says, in the settings of images.
 *
 * <p>Start with {@link org.syschroot.cli.schroot.SchrootImport}.
 */
@NullMarked
package org.syschroot.cli.schroot;

import org.jspecify.annotations.NullMarked;
