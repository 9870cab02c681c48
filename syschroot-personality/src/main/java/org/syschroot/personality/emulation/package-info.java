// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Programs for other processors, which the kernel starts in an emulator.
 *
 * <p>Start with {@link org.syschroot.personality.emulation.ForeignProgram}.
 */
@NullMarked
package org.syschroot.personality.emulation;

import org.jspecify.annotations.NullMarked;
