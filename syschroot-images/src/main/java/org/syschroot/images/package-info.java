// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Makes images and their configuration files.
 *
 * <p>Start with {@link org.syschroot.images.HostImage} for a small image from the host's own
 * programs, or with {@link org.syschroot.images.DebootstrapImage} for a distribution's base system;
 * {@link org.syschroot.images.ImageFile} then writes the configuration file. Each checks everything
 * first, and removes what it made when it fails half way.
 */
@NullMarked
package org.syschroot.images;

import org.jspecify.annotations.NullMarked;
