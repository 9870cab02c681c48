// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What is to be mounted in an image, as data. Nothing here mounts.
 *
 * <p>Start with {@link org.syschroot.mount.MountPlan}.
 */
@NullMarked
package org.syschroot.mount;

import org.jspecify.annotations.NullMarked;
