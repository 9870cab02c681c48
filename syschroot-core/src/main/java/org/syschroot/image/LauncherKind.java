// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a launcher comes to the image's mounts, and what privilege that takes. */
public enum LauncherKind {
  /** It uses the mounts of boot time; its file has the capability for chroot(2). */
  BOOT,
  /**
   * It makes the mounts whenever it is called, of what its caller sees, in a mount namespace of its
   * own; its file has the capability for that too.
   */
  ENTRY,
  /** It makes the mounts in a user namespace of its own, and its file has no privilege. */
  ROOTLESS;

  /** Returns the kind of a name such as {@code boot}. */
  public static Optional<LauncherKind> of(String name) {
    return Arrays.stream(values()).filter(kind -> kind.toString().equals(name)).findFirst();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
