// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Text as people read it: what a terminal may be shown, and which words are near to another.
 *
 * <p>Start with {@link org.syschroot.text.Escaped}.
 */
@NullMarked
package org.syschroot.text;

import org.jspecify.annotations.NullMarked;
