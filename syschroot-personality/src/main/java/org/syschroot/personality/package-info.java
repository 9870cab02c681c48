// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What programs in an image see of the kernel, and which image a process is in.
 *
 * <p>Start with {@link org.syschroot.personality.Uname}, which foretells what uname(1) prints.
 */
@NullMarked
package org.syschroot.personality;

import org.jspecify.annotations.NullMarked;
