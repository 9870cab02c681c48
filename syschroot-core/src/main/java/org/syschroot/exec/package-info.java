// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The switch in place: this process becomes the command.
 *
 * <p>Start with {@link org.syschroot.exec.InPlaceSwitch}.
 */
@NullMarked
package org.syschroot.exec;

import org.jspecify.annotations.NullMarked;
