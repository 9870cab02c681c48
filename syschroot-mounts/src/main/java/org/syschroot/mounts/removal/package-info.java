// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Deletes trees and images, never through a mount.
 *
 * <p>Start with {@link org.syschroot.mounts.removal.ImageRemoval}.
 */
@NullMarked
package org.syschroot.mounts.removal;

import org.jspecify.annotations.NullMarked;
