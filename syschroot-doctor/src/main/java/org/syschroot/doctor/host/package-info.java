// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * What the native system offers to an image: kernel, processor, emulation. Start with {@link
 * org.syschroot.doctor.host.HostFacts}.
 */
@NullMarked
package org.syschroot.doctor.host;

import org.jspecify.annotations.NullMarked;
