// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What code of a site is asked and answers about one command.
 *
 * <p>Start with {@link org.syschroot.site.SwitchContributor}.
 */
@NullMarked
package org.syschroot.site;

import org.jspecify.annotations.NullMarked;
