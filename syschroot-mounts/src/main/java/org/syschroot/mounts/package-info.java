// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Carrying out a mount plan, and the truth about what is mounted.
 *
 * <p>Start with {@link org.syschroot.mounts.ImageAccess}.
 */
@NullMarked
package org.syschroot.mounts;

import org.jspecify.annotations.NullMarked;
