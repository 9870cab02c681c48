// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.path.OsString;

/** The entries that make a tmpfs, attached nowhere yet, and leave its mount in the tree's word. */
final class TmpfsEntries {
  // linux/mount.h
  private static final int FSOPEN_CLOEXEC = 1;
  private static final int FSMOUNT_CLOEXEC = 1;
  private static final int FSCONFIG_SET_FLAG = 0;
  private static final int FSCONFIG_SET_STRING = 1;
  private static final int FSCONFIG_CMD_CREATE = 6;

  private final TableBuilder table;
  private final Constants constants;

  TmpfsEntries(TableBuilder table, Constants constants) {
    this.table = table;
    this.constants = constants;
  }

  /** Begins one, which is in the target's word until {@link #create}. */
  void open(Mark failed) {
    table.call(
        SystemCall.FSOPEN, failed, constants.string("tmpfs"), Operand.number(FSOPEN_CLOEXEC));
    table.store(Operand.TARGET_WORD, Operand.RESULT);
  }

  /** Sets an option of the form {@code KEY=VALUE} or {@code KEY}. */
  void configure(OsString option, Mark failed) {
    int equals = option.indexOf('=');
    if (equals < 0) {
      set(option, Operand.ZERO, FSCONFIG_SET_FLAG, null, failed);
    } else {
      OsString value = option.slice(equals + 1, option.length());
      set(option.slice(0, equals), constants.string(value), FSCONFIG_SET_STRING, null, failed);
    }
  }

  /** Sets an option, and goes on elsewhere after success. */
  void configure(OsString key, OsString value, Mark done, Mark failed) {
    set(key, constants.string(value), FSCONFIG_SET_STRING, done, failed);
  }

  private void set(OsString key, Operand value, int command, @Nullable Mark done, Mark failed) {
    table.store(Operand.FOURTH, value, Operand.ZERO);
    table.call(
        SystemCall.FSCONFIG,
        done,
        failed,
        Operand.TARGET,
        Operand.number(command),
        constants.string(key));
  }

  /** Makes it, without device nodes and set-user-ID programs. */
  void create(Mark failed) {
    table.store(Operand.FOURTH, Operand.ZERO, Operand.ZERO);
    table.call(
        SystemCall.FSCONFIG,
        failed,
        Operand.TARGET,
        Operand.number(FSCONFIG_CMD_CREATE),
        Operand.ZERO);
    table.call(
        SystemCall.FSMOUNT,
        failed,
        Operand.TARGET,
        Operand.number(FSMOUNT_CLOEXEC),
        Operand.number((int) (MountFlags.MOUNT_ATTR_NOSUID | MountFlags.MOUNT_ATTR_NODEV)));
    table.store(Operand.TREE_WORD, Operand.RESULT);
    table.call(SystemCall.CLOSE, null, Operand.TARGET);
  }
}
