// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The spawned switch: a child of this JVM in an image, while the JVM stays as it is.
 *
 * <p>Start with {@link org.syschroot.spawn.Spawn}, which {@link org.syschroot.Syschroot} makes.
 */
@NullMarked
package org.syschroot.spawn;

import org.jspecify.annotations.NullMarked;
