// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What the native system offers to an image: kernel, processor, emulation. Start with {@link
 * org.syschroot.personality.host.HostFacts}.
 */
@NullMarked
package org.syschroot.personality.host;

import org.jspecify.annotations.NullMarked;
