// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import java.util.TreeSet;
import org.syschroot.kernel.Capability;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;

/** The entries that need a privilege, and those that give privileges up. */
final class PrivilegeEntries {
  private static final int FAILED = 125;
  private static final int PR_CAPBSET_DROP = 24;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int CAPABILITY_VERSION_3 = 0x20080522;

  private final TableBuilder table;
  private final Constants constants;
  private final Messages messages;

  PrivilegeEntries(TableBuilder table, Constants constants, Messages messages) {
    this.table = table;
    this.constants = constants;
    this.messages = messages;
  }

  /**
   * Has a set-user-ID launcher look at files with the caller's rights, as one with a capability
   * does: nobody learns by it what they may not see themselves. Root's user id is kept aside.
   */
  void lendCallersRights() {
    table.step("look with the caller's rights");
    Operand same = Operand.number(-1);
    table.call(SystemCall.GETUID, null);
    table.call(SystemCall.SETRESUID, null, same, new Operand(Base.RESULT, 0), same);
  }

  /** Takes root's rights back; without them chroot(2) fails, and says so. */
  void takeRootsRights() {
    table.step("take root's rights");
    Operand same = Operand.number(-1);
    table.call(SystemCall.SETRESUID, null, same, Operand.number(0), same);
  }

  /**
   * Has the kernel look up the pathnames of mounts with the caller's rights to files, while the
   * right to mount stays root's.
   */
  void lookUpAsCaller() {
    table.step("look up with the caller's rights");
    table.call(SystemCall.GETGID, null);
    table.call(SystemCall.SETFSGID, null, new Operand(Base.RESULT, 0));
    table.call(SystemCall.GETUID, null);
    table.call(SystemCall.SETFSUID, null, new Operand(Base.RESULT, 0));
  }

  private void isErrno(Errno errno, Mark yes, Mark no) {
    table.act(Action.SAME, yes, no, new Operand(Base.RESULT, errno.number()), Operand.number(0));
  }

  /** Cuts the bounding set, so that no program started from here on can have them. */
  void cutBoundingSet(Set<Capability> dropped) {
    if (dropped.isEmpty()) {
      return;
    }
    table.step("drop capabilities");
    Mark failed = new Mark();
    Mark done = new Mark();
    TreeSet<Capability> ordered = new TreeSet<>(dropped);
    for (Capability capability : ordered) {
      table.call(
          SystemCall.PRCTL,
          capability.equals(ordered.last()) ? done : null,
          failed,
          Operand.number(PR_CAPBSET_DROP),
          Operand.number(capability.number()));
    }
    table.place(failed);
    // EINVAL: the kernel is older than this capability, and than all with a higher number.
    isErrno(Errno.EINVAL, done, messages.failure("cannot drop capabilities", FAILED));
    table.place(done);
  }

  /**
   * Empties the other sets after the bounding set was cut: root's programs start with their
   * inheritable set, whatever the bounding set says.
   */
  void emptyCapabilitySets(Set<Capability> dropped) {
    if (dropped.isEmpty()) {
      return;
    }
    table.step("drop capabilities");
    ByteBuffer header = ByteBuffer.allocate(8 + 24).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(CAPABILITY_VERSION_3);
    Operand address = constants.block(header.array());
    table.call(
        SystemCall.CAPSET,
        messages.failure("cannot drop capabilities", FAILED),
        address,
        address.plus(8));
  }

  /**
   * Gives the caller's ids back to a set-user-ID launcher. Not before chroot(2) and the bounding
   * set, which need the privilege, and up to there nothing the caller chose is used with root's
   * rights. Everything after this is done as the caller. The group comes first: without root's user
   * id it could not be changed any more.
   */
  void takeCallersIds() {
    table.step("become the caller");
    Operand result = new Operand(Base.RESULT, 0);
    Mark failed = messages.failure("cannot take the caller's ids", FAILED);
    table.call(SystemCall.GETGID, null);
    table.call(SystemCall.SETRESGID, failed, result, result, result);
    table.call(SystemCall.GETUID, null);
    table.call(SystemCall.SETRESUID, failed, result, result, result);
  }

  void noNewPrivileges() {
    table.step("no new privileges");
    table.call(
        SystemCall.PRCTL,
        messages.failure("cannot set no_new_privs", FAILED),
        Operand.number(PR_SET_NO_NEW_PRIVS),
        Operand.number(1));
  }
}
