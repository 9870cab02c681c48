// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Getting log lines out of images to the native syslog daemon.
 *
 * <p>Start with {@link org.syschroot.syslog.SyslogRelay}.
 */
@NullMarked
package org.syschroot.syslog;

import org.jspecify.annotations.NullMarked;
