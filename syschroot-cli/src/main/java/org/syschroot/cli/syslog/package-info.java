// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * {@code syschroot syslog} and its subcommands.
 *
 * <p>Start with {@link org.syschroot.cli.syslog.SyslogCommands}.
 */
@NullMarked
package org.syschroot.cli.syslog;

import org.jspecify.annotations.NullMarked;
