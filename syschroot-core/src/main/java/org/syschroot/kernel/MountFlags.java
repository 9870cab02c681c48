// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/** Flags of mount(2), umount2(2), open_tree(2) and mount_setattr(2). */
public final class MountFlags {
  /** Mount read-only. */
  public static final long MS_RDONLY = 1;

  /** Ignore set-user-ID and set-group-ID bits and file capabilities. */
  public static final long MS_NOSUID = 2;

  /** Do not interpret device files. */
  public static final long MS_NODEV = 4;

  /** Do not allow programs to be executed. */
  public static final long MS_NOEXEC = 8;

  /** Change the flags of an existing mount. */
  public static final long MS_REMOUNT = 32;

  /** Symbolic links are not followed; Linux 5.10. */
  public static final long MS_NOSYMFOLLOW = 256;

  /** Make a directory tree visible at another place. */
  public static final long MS_BIND = 4096;

  /** Apply to the whole mount tree. */
  public static final long MS_REC = 16384;

  /** Neither send nor receive mount events. */
  public static final long MS_PRIVATE = 1L << 18;

  /** Receive mount events but send none. */
  public static final long MS_SLAVE = 1L << 19;

  /** Send and receive mount events. */
  public static final long MS_SHARED = 1L << 20;

  /** umount2(2): detach now, clean up when no longer busy. */
  public static final int MNT_DETACH = 2;

  /**
   * Only mark an unused mount, {@code EAGAIN}, or unmount it if it is marked; {@code EBUSY} if it
   * is used.
   */
  public static final int MNT_EXPIRE = 4;

  /** umount2(2): do not follow a symbolic link. */
  public static final int UMOUNT_NOFOLLOW = 8;

  /** open_tree(2): make a detached copy. */
  public static final int OPEN_TREE_CLONE = 1;

  /** open_tree(2): close on execve(2). */
  public static final int OPEN_TREE_CLOEXEC = OpenFlags.O_CLOEXEC;

  /** The path is empty: the descriptor itself is meant. */
  public static final int AT_EMPTY_PATH = 0x1000;

  /** Do not follow a symbolic link in the last component. */
  public static final int AT_SYMLINK_NOFOLLOW = 0x100;

  /** Apply to the whole tree. */
  public static final int AT_RECURSIVE = 0x8000;

  /** mount_setattr(2): read-only. */
  public static final long MOUNT_ATTR_RDONLY = 1;

  /** mount_setattr(2): no set-user-ID. */
  public static final long MOUNT_ATTR_NOSUID = 2;

  /** mount_setattr(2): no devices. */
  public static final long MOUNT_ATTR_NODEV = 4;

  /** mount_setattr(2): no execution. */
  public static final long MOUNT_ATTR_NOEXEC = 8;

  private static final BitNames NAMES =
      new BitNames()
          .bit(MS_RDONLY, "MS_RDONLY")
          .bit(MS_NOSUID, "MS_NOSUID")
          .bit(MS_NODEV, "MS_NODEV")
          .bit(MS_NOEXEC, "MS_NOEXEC")
          .bit(MS_REMOUNT, "MS_REMOUNT")
          .bit(MS_NOSYMFOLLOW, "MS_NOSYMFOLLOW")
          .bit(MS_BIND, "MS_BIND")
          .bit(MS_REC, "MS_REC")
          .bit(MS_PRIVATE, "MS_PRIVATE")
          .bit(MS_SLAVE, "MS_SLAVE")
          .bit(MS_SHARED, "MS_SHARED");
  private static final BitNames TREE_NAMES =
      new BitNames()
          .bit(OPEN_TREE_CLONE, "OPEN_TREE_CLONE")
          .bit(OPEN_TREE_CLOEXEC, "OPEN_TREE_CLOEXEC")
          .bit(AT_EMPTY_PATH, "AT_EMPTY_PATH")
          .bit(AT_SYMLINK_NOFOLLOW, "AT_SYMLINK_NOFOLLOW")
          .bit(AT_RECURSIVE, "AT_RECURSIVE");
  private static final BitNames ATTRIBUTE_NAMES =
      new BitNames()
          .bit(MOUNT_ATTR_RDONLY, "MOUNT_ATTR_RDONLY")
          .bit(MOUNT_ATTR_NOSUID, "MOUNT_ATTR_NOSUID")
          .bit(MOUNT_ATTR_NODEV, "MOUNT_ATTR_NODEV")
          .bit(MOUNT_ATTR_NOEXEC, "MOUNT_ATTR_NOEXEC");

  private MountFlags() {}

  /** Returns the names of {@code MS_} flags, joined by {@code |}. */
  public static String describe(long flags) {
    return NAMES.describe(flags);
  }

  /** Returns the names of {@code OPEN_TREE_} and {@code AT_} flags, joined by {@code |}. */
  public static String describeTree(int flags) {
    return TREE_NAMES.describe(flags);
  }

  /** Returns the names of {@code MOUNT_ATTR_} flags, joined by {@code |}. */
  public static String describeAttributes(long flags) {
    return ATTRIBUTE_NAMES.describe(flags);
  }
}
