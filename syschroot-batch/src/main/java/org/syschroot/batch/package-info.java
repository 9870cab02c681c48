// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Batch schedulers: how each is asked to run a job in an image, and where it keeps the scripts of
 * jobs. Pure: values in, values out; nothing here submits anything.
 *
 * <p>Start with {@link org.syschroot.batch.Scheduler}.
 */
@NullMarked
package org.syschroot.batch;

import org.jspecify.annotations.NullMarked;
