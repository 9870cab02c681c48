// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.Optional;
import org.syschroot.kernel.CloneFlags;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.path.OsString;
import org.syschroot.plan.UserIds;

/** The entries that enter namespaces of the program's own. */
final class NamespaceEntries {
  private static final int FAILED = 125;
  private static final int WORD = 8;
  private static final String NO_MOUNT_NAMESPACE = "cannot create a mount namespace";
  private static final Operand DESCRIPTOR = new Operand(Base.NUMBER, 0);
  private static final Operand DESCRIPTOR_WORD = new Operand(Base.FRAME, Base.NUMBER.inFrame());
  private static final Operand MAP = new Operand(Base.FRAME, Base.ID_MAP);

  /** One line of a map, user_namespaces(7): number inside, number outside, how many. */
  private static final String LINE = "0000000000 0000000000 1\n";

  private static final String FORBIDDEN =
      "; forbidden by a container's seccomp filter, or a limit that \"syschroot doctor\" names; root"
          + " can create a launcher instead: syschroot link IMAGE --into DIR\n";

  private static final int INSIDE_END = LINE.indexOf(' ');
  private static final int OUTSIDE_END = LINE.lastIndexOf(' ');

  private final TableBuilder table;
  private final Constants constants;
  private final Messages messages;

  NamespaceEntries(TableBuilder table, Constants constants, Messages messages) {
    this.table = table;
    this.constants = constants;
    this.messages = messages;
  }

  /**
   * Enters a user namespace in which the caller's numbers are the only ones. They are asked for
   * when the program runs, so that it is of use to whoever may execute it.
   */
  void user(UserIds ids) {
    table.step("enter a user namespace");
    Operand user = new Operand(Base.TREE, 0);
    Operand group = new Operand(Base.TARGET, 0);
    table.call(SystemCall.GETEUID, null);
    table.store(new Operand(Base.FRAME, Base.TREE.inFrame()), Operand.RESULT);
    table.call(SystemCall.GETEGID, null);
    table.store(new Operand(Base.FRAME, Base.TARGET.inFrame()), Operand.RESULT);
    Mark forbidden = new Mark();
    Mark done = new Mark();
    table.call(
        SystemCall.UNSHARE, done, forbidden, table.value(constants, CloneFlags.CLONE_NEWUSER));
    table.place(forbidden);
    messages.tell(
        "cannot create a user namespace", constants.string(""), Operand.ZERO, ": ", FORBIDDEN);
    messages.fail();
    table.place(done);
    Operand line = constants.string(LINE);
    for (int at = 0; at < LINE.length(); at += WORD) {
      table.copy(MAP.plus(at), line.plus(at));
    }
    // Without this the kernel lets nobody without privilege map a group.
    write("/proc/self/setgroups", constants.string("deny"), 4);
    map("/proc/self/uid_map", ids == UserIds.AS_ROOT ? Operand.ZERO : user, user);
    map("/proc/self/gid_map", ids == UserIds.AS_ROOT ? Operand.ZERO : group, group);
  }

  /** Enters a user namespace that is there, and closes its descriptor. */
  void enterUser(int descriptor) {
    table.step("enter a user namespace");
    Mark failed = messages.failure("cannot enter a user namespace", FAILED);
    Operand open = Operand.number(descriptor);
    table.call(SystemCall.SETNS, failed, open, table.value(constants, CloneFlags.CLONE_NEWUSER));
    table.call(SystemCall.CLOSE, null, open);
  }

  private void map(String file, Operand inside, Operand outside) {
    table.act(Action.DECIMAL, null, null, MAP.plus(INSIDE_END), inside);
    table.act(Action.DECIMAL, null, null, MAP.plus(OUTSIDE_END), outside);
    write(file, MAP, LINE.length());
  }

  private void write(String file, Operand text, int length) {
    Mark failed = messages.failure("cannot write " + file, FAILED);
    table.call(
        SystemCall.OPENAT,
        failed,
        Operand.number(Kernel.AT_FDCWD),
        constants.string(file),
        Operand.number(OpenFlags.O_WRONLY | OpenFlags.O_CLOEXEC));
    table.store(DESCRIPTOR_WORD, Operand.RESULT);
    table.call(SystemCall.WRITE, failed, DESCRIPTOR, text, Operand.number(length));
    table.call(SystemCall.CLOSE, null, DESCRIPTOR);
  }

  /**
   * Enters a mount namespace.
   *
   * @param sharing whether mounts are shared with the one that it is copied from; the kernel sees
   *     to it that they are not after a user namespace has been entered
   */
  void mount(boolean sharing) {
    table.step("enter a mount namespace");
    Mark failed = messages.failure(NO_MOUNT_NAMESPACE, FAILED);
    table.call(SystemCall.UNSHARE, failed, Operand.number(CloneFlags.CLONE_NEWNS));
    receive(sharing, failed);
  }

  /** Enters the namespaces of a launcher. */
  void of(LaunchPlan plan, ProofEntries proof, PrivilegeEntries privilege) {
    if (plan.namespaces().user().isPresent()) {
      user(plan.namespaces().user().get());
      mount(false);
    } else if (plan.namespaces().mount()) {
      mountWithPrivilege(proof, plan.namespaces().userIfUnprivileged());
      if (plan.privilege() == Privilege.SET_USER_ID) {
        privilege.lookUpAsCaller();
      }
    }
  }

  /** Enters a mount namespace by the privilege of a file, which it may have lost. */
  private void mountWithPrivilege(ProofEntries proof, boolean userIfUnprivileged) {
    table.step("enter a mount namespace");
    Mark failed = new Mark();
    Mark done = new Mark();
    Mark denied = new Mark();
    Mark entered = new Mark();
    table.call(SystemCall.UNSHARE, done, failed, Operand.number(CloneFlags.CLONE_NEWNS));
    table.place(failed);
    proof.refuse(NO_MOUNT_NAMESPACE, userIfUnprivileged ? Optional.of(denied) : Optional.empty());
    if (userIfUnprivileged) {
      table.place(denied);
      userInstead();
      mount(false);
      table.goTo(entered);
    }
    table.place(done);
    receive(true, messages.failure(NO_MOUNT_NAMESPACE, FAILED));
    table.place(entered);
  }

  /** Enters a user namespace where a privilege is missing, and tells what is different there. */
  void userInstead() {
    table.step("enter without privilege");
    messages.remarkLine(
        "entering without privilege: set-user-ID programs have no effect, and files of other users"
            + " belong to nobody\n");
    user(UserIds.KEPT);
  }

  private void receive(boolean sharing, Mark failed) {
    if (sharing) {
      table.store(
          Operand.FOURTH,
          Operand.number((int) (MountFlags.MS_REC | MountFlags.MS_SLAVE)),
          Operand.ZERO);
      table.call(
          SystemCall.MOUNT, failed, Operand.ZERO, constants.string(OsString.of("/")), Operand.ZERO);
      table.store(Operand.FOURTH, Operand.ZERO);
    }
  }
}
