// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Examples that are kept working: each is run by a test.
 *
 * <p>Start with {@link org.syschroot.examples.CvmfsMounts} for site code.
 */
@NullMarked
package org.syschroot.examples;

import org.jspecify.annotations.NullMarked;
