// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The system calls of this library.
 *
 * <p>Start with {@link org.syschroot.kernel.Kernel}, one method per system call; {@link
 * org.syschroot.kernel.LinuxKernel} makes the calls. No other package imports {@code jnr}.
 */
@NullMarked
package org.syschroot.kernel;

import org.jspecify.annotations.NullMarked;
