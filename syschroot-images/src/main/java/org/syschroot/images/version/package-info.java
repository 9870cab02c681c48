// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Versions of an image: trees beside its root directory, of which one at a time is the root
 * directory.
 *
 * <p>Start with {@link org.syschroot.images.version.VersionStore}.
 */
@NullMarked
package org.syschroot.images.version;

import org.jspecify.annotations.NullMarked;
