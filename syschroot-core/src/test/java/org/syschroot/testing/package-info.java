// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Fixtures for tests of this project and of code that sites add to it.
 *
 * <p>Start with {@link org.syschroot.testing.RecordingKernel}, a kernel that only writes down what
 * it is asked for. Tests of the real thing are marked with {@link
 * org.syschroot.testing.RequiresRoot}, {@link org.syschroot.testing.RequiresCommand} and {@link
 * org.syschroot.testing.InOwnMountNamespace}.
 */
@NullMarked
package org.syschroot.testing;

import org.jspecify.annotations.NullMarked;
