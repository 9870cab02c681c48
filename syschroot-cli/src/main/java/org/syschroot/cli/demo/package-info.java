// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * {@code syschroot demo}.
 *
 * <p>Start with {@link org.syschroot.cli.demo.DemoCommand}.
 */
@NullMarked
package org.syschroot.cli.demo;

import org.jspecify.annotations.NullMarked;
