// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Site code that mounts what GPUs and fabrics of the host need. Start with {@link
 * org.syschroot.cdi.CdiMounts}.
 */
@NullMarked
package org.syschroot.cdi;

import org.jspecify.annotations.NullMarked;
