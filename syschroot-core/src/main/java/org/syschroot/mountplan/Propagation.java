// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mountplan;

/** How a mount shares later mounts with the one it was made from, mount_namespaces(7). */
public enum Propagation {
  /** Neither sends nor receives. */
  PRIVATE,
  /** Mounts made later on the native system appear; those made in the image stay there. */
  SLAVE,
  /** Mounts appear on both sides. */
  SHARED
}
