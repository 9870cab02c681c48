// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * {@code syschroot run}, {@code explain} and {@code which}: commands in images, carried out or
 * shown.
 *
 * <p>Start with {@link org.syschroot.cli.run.RunCommand}.
 */
@NullMarked
package org.syschroot.cli.run;

import org.jspecify.annotations.NullMarked;
