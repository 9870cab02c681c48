// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;

/**
 * Mounts of an image are not as they should be, though no system call failed. The message says
 * which and what to do.
 */
public final class MountException extends IOException {
  private static final long serialVersionUID = 1;

  public MountException(String message) {
    super(message);
  }

  public MountException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Returns the failure of a lookup of a mount, by its number, in the table of mounts. */
  public static MountException notInTable(long id) {
    return new MountException(
        "mount "
            + id
            + " is not in the mount table: in a chroot, bind its root directory onto"
            + " itself (mount --bind DIR DIR) before entering it");
  }
}
