// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * A template for site code: what a jar in {@code /etc/syschroot/lib} can add to the command.
 *
 * <p>Start with {@link org.syschroot.examples.sitecode.ScratchMounts}.
 */
@NullMarked
package org.syschroot.examples.sitecode;

import org.jspecify.annotations.NullMarked;
