// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
import org.syschroot.mounts.files.Descriptor;

/** Adds restrictions to a mount, which keeps those that it has. Not instantiable. */
final class AddedRestrictions {
  // MS_RDONLY, MS_NOSUID, MS_NODEV and MS_NOEXEC, of which the numbers of statfs(2) are the same.
  private static final long ALL = 0xf;

  private AddedRestrictions() {}

  /**
   * Adds them. A remount sets all flags anew, so those that the mount has are named again.
   *
   * @param flags of mount(2)
   */
  static void to(Kernel kernel, Descriptor mount, long flags) throws KernelException {
    long has = kernel.fstatfs(mount.number()).flags() & ALL;
    long remount = MountFlags.MS_REMOUNT | MountFlags.MS_BIND;
    kernel.mount(null, mount.link(), null, remount | flags | has, null);
  }
}
