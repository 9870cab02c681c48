// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * A program that runs jobs from a directory, each in its image, and survives being killed.
 *
 * <p>Start with {@link org.syschroot.examples.jobrunner.JobRunner}.
 */
@NullMarked
package org.syschroot.examples.jobrunner;

import org.jspecify.annotations.NullMarked;
