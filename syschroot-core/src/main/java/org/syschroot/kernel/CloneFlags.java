// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/** Flags of unshare(2). */
public final class CloneFlags {
  /** Root and current directory, and umask, of its own. */
  public static final int CLONE_FS = 0x200;

  /** A descriptor table of its own. */
  public static final int CLONE_FILES = 0x400;

  /** A mount namespace of its own; implies {@link #CLONE_FS}. */
  public static final int CLONE_NEWNS = 0x20000;

  /** A user namespace of its own; not for a process of several threads. */
  public static final int CLONE_NEWUSER = 0x10000000;

  /** A pid namespace for the children. */
  public static final int CLONE_NEWPID = 0x20000000;

  private static final BitNames NAMES =
      new BitNames()
          .bit(CLONE_FS, "CLONE_FS")
          .bit(CLONE_FILES, "CLONE_FILES")
          .bit(CLONE_NEWNS, "CLONE_NEWNS")
          .bit(CLONE_NEWUSER, "CLONE_NEWUSER")
          .bit(CLONE_NEWPID, "CLONE_NEWPID");

  private CloneFlags() {}

  /** Returns the names of the flags, joined by {@code |}. */
  public static String describe(int flags) {
    return NAMES.describe(flags);
  }
}
