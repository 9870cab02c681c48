// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/** Flags of open(2) and openat2(2). Some have other values on AArch64 than on x86-64. */
public final class OpenFlags {
  private static final boolean ARM = Machine.current() == Machine.AARCH64;

  /** Open for reading only. */
  public static final int O_RDONLY = 0;

  /** Open for writing only. */
  public static final int O_WRONLY = 01;

  /** Create the file. */
  public static final int O_CREAT = 0100;

  /** With {@link #O_CREAT}: fail if it exists. */
  public static final int O_EXCL = 0200;

  /** Empty the file. */
  public static final int O_TRUNC = 01000;

  /** Write at the end. */
  public static final int O_APPEND = 02000;

  /** Do not wait for the other side of a FIFO or device. */
  public static final int O_NONBLOCK = 04000;

  /** Fail unless it is a directory. */
  public static final int O_DIRECTORY = directory(Machine.current());

  /** Do not follow a symbolic link in the last component. */
  public static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;

  /** Close on execve(2). */
  public static final int O_CLOEXEC = 02000000;

  /** Get a handle on the place, not on the content. */
  public static final int O_PATH = 010000000;

  /** openat2(2): refuse {@code /proc/PID/fd} style links. */
  public static final int RESOLVE_NO_MAGICLINKS = 0x02;

  /** openat2(2): refuse every symbolic link. */
  public static final int RESOLVE_NO_SYMLINKS = 0x04;

  /** openat2(2): treat the directory descriptor as {@code /}, as if after chroot(2). */
  public static final int RESOLVE_IN_ROOT = 0x10;

  /** faccessat2(2): may write. */
  public static final int W_OK = 2;

  /** faccessat2(2): may execute. */
  public static final int X_OK = 1;

  /** faccessat2(2): the effective user and group, not the real ones. */
  static final int AT_EACCESS = 0x200;

  /** unlinkat(2): remove an empty directory. */
  public static final int AT_REMOVEDIR = 0x200;

  /** flock(2): a lock that nobody else holds. */
  public static final int LOCK_EX = 2;

  /** flock(2): do not wait. */
  public static final int LOCK_NB = 4;

  /** flock(2): give the lock up. */
  public static final int LOCK_UN = 8;

  private static final BitNames NAMES =
      new BitNames()
          .bit(O_WRONLY, "O_WRONLY")
          .bit(O_CREAT, "O_CREAT")
          .bit(O_EXCL, "O_EXCL")
          .bit(O_TRUNC, "O_TRUNC")
          .bit(O_APPEND, "O_APPEND")
          .bit(O_NONBLOCK, "O_NONBLOCK")
          .bit(O_DIRECTORY, "O_DIRECTORY")
          .bit(O_NOFOLLOW, "O_NOFOLLOW")
          .bit(O_CLOEXEC, "O_CLOEXEC")
          .bit(O_PATH, "O_PATH");
  private static final BitNames RESOLVE_NAMES =
      new BitNames()
          .bit(RESOLVE_NO_MAGICLINKS, "RESOLVE_NO_MAGICLINKS")
          .bit(RESOLVE_NO_SYMLINKS, "RESOLVE_NO_SYMLINKS")
          .bit(RESOLVE_IN_ROOT, "RESOLVE_IN_ROOT");

  private OpenFlags() {}

  /** Returns {@link #O_DIRECTORY} of a machine. */
  public static int directory(Machine machine) {
    return machine == Machine.AARCH64 ? 040000 : 0200000;
  }

  /** Returns the names of {@code O_} flags, joined by {@code |}. */
  public static String describe(int flags) {
    return flags == O_RDONLY ? "O_RDONLY" : NAMES.describe(flags);
  }

  /** Returns the names of {@code RESOLVE_} flags, joined by {@code |}. */
  public static String describeResolve(int flags) {
    return RESOLVE_NAMES.describe(flags);
  }
}
