// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/** Code of a site: begin with {@link org.syschroot.site.SiteCode}, which loads it. */
@NullMarked
package org.syschroot.site;

import org.jspecify.annotations.NullMarked;
