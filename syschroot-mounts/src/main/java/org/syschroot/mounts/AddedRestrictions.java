// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.util.Map;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.table.MountEntry;

/** Adds restrictions to a mount, which keeps those that it has. Not instantiable. */
final class AddedRestrictions {
  private static final Map<String, Long> OPTIONS =
      Map.of(
          "ro", MountFlags.MS_RDONLY,
          "nosuid", MountFlags.MS_NOSUID,
          "nodev", MountFlags.MS_NODEV,
          "noexec", MountFlags.MS_NOEXEC,
          "nosymfollow", MountFlags.MS_NOSYMFOLLOW);

  // MS_RDONLY, MS_NOSUID, MS_NODEV and MS_NOEXEC, of which the numbers of statfs(2) are the same.
  private static final long SAME = 0xf;
  private static final long ST_NOSYMFOLLOW = 0x2000;

  private AddedRestrictions() {}

  /**
   * Adds them. The mount also becomes read-only if its filesystem is, and stays so: for mounts that
   * a command has to itself.
   *
   * @param flags of mount(2)
   */
  static void to(Kernel kernel, Descriptor mount, long flags) throws KernelException {
    long status = kernel.fstatfs(mount.number()).flags();
    long has = status & SAME;
    has |= (status & ST_NOSYMFOLLOW) != 0 ? MountFlags.MS_NOSYMFOLLOW : 0;
    remount(kernel, mount, flags | has);
  }

  /**
   * Adds them to a mount that stays for others, of which the mount table says what it has by
   * itself.
   *
   * @param flags of mount(2)
   */
  static void to(Kernel kernel, Descriptor mount, MountEntry entry, long flags)
      throws KernelException {
    long has = 0;
    for (Map.Entry<String, Long> flag : OPTIONS.entrySet()) {
      has |= entry.hasOption(flag.getKey()) ? flag.getValue() : 0;
    }
    remount(kernel, mount, flags | has);
  }

  /** A remount sets all flags anew, so those that the mount has are named again. */
  private static void remount(Kernel kernel, Descriptor mount, long flags) throws KernelException {
    long remount = MountFlags.MS_REMOUNT | MountFlags.MS_BIND;
    kernel.mount(null, mount.link(), null, remount | flags, null);
  }
}
