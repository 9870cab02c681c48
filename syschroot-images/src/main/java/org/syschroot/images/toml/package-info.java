// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Writes configuration files.
 *
 * <p>Start with {@link org.syschroot.images.toml.TomlWriter}.
 */
@NullMarked
package org.syschroot.images.toml;

import org.jspecify.annotations.NullMarked;
