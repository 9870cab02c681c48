// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The users and groups of an image beside those of the host, as texts of account files: what
 * belongs to whom, and what the merged files say. Start with {@link
 * org.syschroot.accounts.AccountMerge}.
 */
@NullMarked
package org.syschroot.accounts;

import org.jspecify.annotations.NullMarked;
