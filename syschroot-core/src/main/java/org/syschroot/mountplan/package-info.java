// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What is to be mounted in an image, as data. Nothing here mounts.
 *
 * <p>Start with {@link org.syschroot.mountplan.MountPlan}.
 */
@NullMarked
package org.syschroot.mountplan;

import org.jspecify.annotations.NullMarked;
