// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What core needs done about mounts, and the layers of a root directory; the module mounts does it.
 *
 * <p>Start with {@link org.syschroot.mounting.MountSupport}.
 */
@NullMarked
package org.syschroot.mounting;

import org.jspecify.annotations.NullMarked;
