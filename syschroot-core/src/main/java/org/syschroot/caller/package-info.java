// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What a caller is, and what a shell would make of it: directory, environment, program.
 *
 * <p>Start with {@link org.syschroot.caller.Caller}.
 */
@NullMarked
package org.syschroot.caller;

import org.jspecify.annotations.NullMarked;
