// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What planning asks of the host.
 *
 * <p>Start with {@link org.syschroot.host.HostState}.
 */
@NullMarked
package org.syschroot.host;

import org.jspecify.annotations.NullMarked;
