// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * {@code syschroot submit}.
 *
 * <p>Start with {@link org.syschroot.cli.submit.SubmitCommand}.
 */
@NullMarked
package org.syschroot.cli.submit;

import org.jspecify.annotations.NullMarked;
