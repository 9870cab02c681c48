// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Makes a tree of files from entries, whatever they come from, so that nothing outside its root
 * directory is ever written.
 *
 * <p>Start with {@link org.syschroot.images.tree.TreeWriter}.
 */
@NullMarked
package org.syschroot.images.tree;

import org.jspecify.annotations.NullMarked;
