// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What every subcommand stands in: options, standard output and error, exit statuses, and the
 * running system as its configuration describes it.
 *
 * <p>Start with {@link org.syschroot.cli.frame.Subcommand}.
 */
@NullMarked
package org.syschroot.cli.frame;

import org.jspecify.annotations.NullMarked;
