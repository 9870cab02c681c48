// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * The mount table, and who uses a mount.
 *
 * <p>Start with {@link org.syschroot.mounts.table.MountTable}.
 */
@NullMarked
package org.syschroot.mounts.table;

import org.jspecify.annotations.NullMarked;
