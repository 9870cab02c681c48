// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Who could have changed a file that root is about to rely on.
 *
 * <p>Start with {@link org.syschroot.trust.TrustedPath}.
 */
@NullMarked
package org.syschroot.trust;

import org.jspecify.annotations.NullMarked;
