// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Deletes the files of a tree, never through a mount.
 *
 * <p>Start with {@link org.syschroot.mounts.tree.TreeRemoval}.
 */
@NullMarked
package org.syschroot.mounts.tree;

import org.jspecify.annotations.NullMarked;
