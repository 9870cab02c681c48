// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Which way a line takes that a program in an image writes to {@code /dev/log}, and whether it
 * arrives.
 *
 * <p>Start with {@link org.syschroot.syslog.route.LogRouteProbe}, which looks at the running
 * system; what it saw is a {@link org.syschroot.syslog.route.LogView}, what follows from that a
 * {@link org.syschroot.syslog.route.LogRoute}.
 */
@NullMarked
package org.syschroot.syslog.route;

import org.jspecify.annotations.NullMarked;
