// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * {@code syschroot mount}, {@code umount} and {@code status}.
 *
 * <p>Start with {@link org.syschroot.cli.mounts.MountCommand}.
 */
@NullMarked
package org.syschroot.cli.mounts;

import org.jspecify.annotations.NullMarked;
