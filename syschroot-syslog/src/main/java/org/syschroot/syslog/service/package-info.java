// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The relay as a service of systemd.
 *
 * <p>{@link org.syschroot.syslog.service.ServiceNotice} tells systemd how it is, {@link
 * org.syschroot.syslog.service.RelayUnit} is the unit file.
 */
@NullMarked
package org.syschroot.syslog.service;

import org.jspecify.annotations.NullMarked;
