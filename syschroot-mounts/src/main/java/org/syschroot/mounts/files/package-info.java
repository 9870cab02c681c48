// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Files and directories by descriptor, and paths that are resolved inside an image.
 *
 * <p>Start with {@link org.syschroot.mounts.files.PathResolver}.
 */
@NullMarked
package org.syschroot.mounts.files;

import org.jspecify.annotations.NullMarked;
