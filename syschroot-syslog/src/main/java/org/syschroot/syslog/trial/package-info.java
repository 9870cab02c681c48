// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Sends a line from inside an image, and looks whether it arrives.
 *
 * <p>Start with {@link org.syschroot.syslog.trial.LogSender}.
 */
@NullMarked
package org.syschroot.syslog.trial;

import org.jspecify.annotations.NullMarked;
