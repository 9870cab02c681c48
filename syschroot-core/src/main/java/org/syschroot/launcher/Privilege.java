// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where a launcher has the privilege from that chroot(2) needs. */
public enum Privilege {
  /** From file capabilities: nothing but what the plan needs. The one to prefer. */
  FILE_CAPABILITY,
  /**
   * From being set-user-ID root, for file systems without extended attributes. The launcher takes
   * the caller's ids again right after the steps that need the privilege.
   */
  SET_USER_ID,
  /** From nowhere: in a user namespace of its own nobody needs it. */
  NONE;

  /** Returns the privilege of a name such as {@code file-capability}. */
  public static Optional<Privilege> of(String name) {
    return Arrays.stream(values()).filter(one -> one.toString().equals(name)).findFirst();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
