// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What brings the mounts up at boot.
 *
 * <p>Start with {@link org.syschroot.mounts.boot.BootFiles}.
 */
@NullMarked
package org.syschroot.mounts.boot;

import org.jspecify.annotations.NullMarked;
