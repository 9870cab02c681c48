// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The rules of this host for every start, and the code of the site.
 *
 * <p>Start with {@link org.syschroot.rules.SiteRules}.
 */
@NullMarked
package org.syschroot.rules;

import org.jspecify.annotations.NullMarked;
