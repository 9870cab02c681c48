// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Strings and paths as the kernel has them: bytes, not characters.
 *
 * <p>Start with {@link org.syschroot.path.OsString}. {@link org.syschroot.path.HostPath} and {@link
 * org.syschroot.path.ImagePath} are different types, so that a path of the native system cannot be
 * passed where a path inside an image is wanted.
 */
@NullMarked
package org.syschroot.path;

import org.jspecify.annotations.NullMarked;
