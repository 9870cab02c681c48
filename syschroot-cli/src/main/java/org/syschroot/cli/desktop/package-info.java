// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * {@code syschroot desktop}: entries by which a terminal in an image is opened.
 *
 * <p>Start with {@link org.syschroot.cli.desktop.DesktopCommand}.
 */
@NullMarked
package org.syschroot.cli.desktop;

import org.jspecify.annotations.NullMarked;
