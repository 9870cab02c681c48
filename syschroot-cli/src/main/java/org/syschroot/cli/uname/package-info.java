// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * {@code syschroot uname-wrapper}.
 *
 * <p>Start with {@link org.syschroot.cli.uname.UnameWrapperCommand}.
 */
@NullMarked
package org.syschroot.cli.uname;

import org.jspecify.annotations.NullMarked;
