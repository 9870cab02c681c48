// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The wrapper of uname(1) in an image.
 *
 * <p>Start with {@link org.syschroot.personality.wrapper.UnameWrapper}.
 */
@NullMarked
package org.syschroot.personality.wrapper;

import org.jspecify.annotations.NullMarked;
