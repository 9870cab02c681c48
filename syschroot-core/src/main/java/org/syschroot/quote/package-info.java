// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * How words are written so that a program that reads text takes each of them as it is.
 *
 * <p>Start with {@link org.syschroot.quote.ShellQuote} for a shell and {@link
 * org.syschroot.quote.UnitCommand} for a unit of systemd.
 */
@NullMarked
package org.syschroot.quote;

import org.jspecify.annotations.NullMarked;
