// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

/**
 * Images as the Open Container Initiative and Docker define them: manifests, layers, registries.
 *
 * <p>Start with {@link org.syschroot.images.oci.OciImage}.
 */
@NullMarked
package org.syschroot.images.oci;

import org.jspecify.annotations.NullMarked;
