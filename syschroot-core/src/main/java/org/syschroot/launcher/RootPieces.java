// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.path.OsString;

/** The entries that the ways to make a root directory share: each makes or changes one thing. */
final class RootPieces {
  static final int MODE_OF_DIRECTORY = 0755;

  private static final int REGULAR_FILE = 0100644;
  private static final int MOVE_MOUNT_F_EMPTY_PATH = 0x04; // linux/mount.h
  private static final int SIZE_OF_MOUNT_ATTR = 32;

  private final TableBuilder table;
  private final Constants constants;

  RootPieces(TableBuilder table, Constants constants) {
    this.table = table;
    this.constants = constants;
  }

  void makeDirectory(OsString path, Mark failed) {
    table.call(
        SystemCall.MKDIRAT,
        failed,
        Operand.AT_FDCWD,
        constants.string(path),
        Operand.number(MODE_OF_DIRECTORY));
  }

  /** Makes an empty file. */
  void makeFile(OsString path, Mark failed) {
    table.store(Operand.FOURTH, Operand.ZERO);
    table.call(
        SystemCall.MKNODAT,
        failed,
        Operand.AT_FDCWD,
        constants.string(path),
        Operand.number(REGULAR_FILE));
  }

  /** Whatever the caller's umask is. */
  void setMode(OsString path, int mode, Mark failed) {
    table.call(
        SystemCall.FCHMODAT,
        failed,
        Operand.AT_FDCWD,
        constants.string(path),
        Operand.number(mode));
  }

  /** Mounts what a descriptor holds that is attached nowhere. */
  void attach(Operand mount, OsString place, Mark failed) {
    table.store(Operand.FOURTH, constants.string(place), Operand.number(MOVE_MOUNT_F_EMPTY_PATH));
    table.call(SystemCall.MOVE_MOUNT, failed, mount, constants.string(""), Operand.AT_FDCWD);
  }

  /**
   * Adds restrictions to a mount, which keeps those that it has: a remount would set all anew.
   *
   * @param how flags of mount_setattr(2)
   * @param attributes {@code MOUNT_ATTR_} bits, which are those of {@code MS_} for restrictions
   */
  void restrict(Operand directory, OsString path, int how, long attributes, Mark failed) {
    ByteBuffer wanted = ByteBuffer.allocate(SIZE_OF_MOUNT_ATTR).order(ByteOrder.LITTLE_ENDIAN);
    wanted.putLong(attributes);
    table.store(
        Operand.FOURTH, constants.block(wanted.array()), Operand.number(SIZE_OF_MOUNT_ATTR));
    table.call(
        SystemCall.MOUNT_SETATTR, failed, directory, constants.string(path), Operand.number(how));
  }

  void makeReadOnly(OsString mount, long further, Mark failed) {
    restrict(Operand.AT_FDCWD, mount, 0, MountFlags.MOUNT_ATTR_RDONLY | further, failed);
  }
}
