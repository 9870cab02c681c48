// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Configuration for the native syslog daemons, by which they take lines from images themselves.
 *
 * <p>Start with {@link org.syschroot.syslog.daemon.NativeDaemon}.
 */
@NullMarked
package org.syschroot.syslog.daemon;

import org.jspecify.annotations.NullMarked;
