// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The cached start: a plan is left compiled, with a list of what it was made of, and the start
 * script of the next call executes it without a JVM where nothing of that has changed.
 *
 * <p>Start with {@link org.syschroot.start.StartRecorder}.
 */
@NullMarked
package org.syschroot.start;

import org.jspecify.annotations.NullMarked;
