// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The {@code syschroot} command.
 *
 * <p>Start with {@link org.syschroot.cli.Main}. Each subcommand is a thin class over the library;
 * only this package prints and sets exit codes.
 */
@NullMarked
package org.syschroot.cli;

import org.jspecify.annotations.NullMarked;
