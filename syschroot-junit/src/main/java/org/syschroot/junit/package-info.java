// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * JUnit Jupiter tests that run commands in images.
 *
 * <p>Start with {@link org.syschroot.junit.InImage} for one image and {@link
 * org.syschroot.junit.InEachImage} for all: a test has a parameter {@link
 * org.syschroot.junit.TestImage}.
 */
@NullMarked
package org.syschroot.junit;

import org.jspecify.annotations.NullMarked;
