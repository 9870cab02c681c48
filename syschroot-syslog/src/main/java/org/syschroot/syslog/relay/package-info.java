// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The relay: takes messages at the sockets of images and hands them to the native daemon.
 *
 * <p>Start with {@link org.syschroot.syslog.relay.SyslogRelay}.
 */
@NullMarked
package org.syschroot.syslog.relay;

import org.jspecify.annotations.NullMarked;
