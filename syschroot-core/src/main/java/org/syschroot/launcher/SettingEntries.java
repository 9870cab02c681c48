// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.syschroot.image.Personality;
import org.syschroot.kernel.ResourceLimit;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep;

/** The entries that set personality, limits and environment variables. */
final class SettingEntries {
  private static final int FAILED = 125;
  private static final int WORD = 8;

  /** What the kernel cuts the soft limit of the stack to, {@code _STK_LIM}. */
  private static final int STACK_BYTES = 8 << 20;

  private final TableBuilder table;
  private final Constants constants;
  private final Messages messages;

  SettingEntries(TableBuilder table, Constants constants, Messages messages) {
    this.table = table;
    this.constants = constants;
    this.messages = messages;
  }

  void personality(Personality personality) {
    table.step("set the personality");
    Operand bits = table.value(constants, personality.bits());
    table.call(
        SystemCall.PERSONALITY, messages.failure("cannot set the personality", FAILED), bits);
  }

  /** Sets limits, or what the hard limit is where that is lower. */
  void limit(KernelStep.SetLimit wanted) {
    String what = wanted.limit().what();
    table.step("limit " + what);
    Mark failed = messages.failure("cannot limit " + what, FAILED);
    Operand resource = Operand.number(wanted.limit().resource());
    Operand zero = Operand.number(0);
    Operand soft = new Operand(Base.FRAME, Base.LIMIT);
    table.store(Operand.FOURTH, new Operand(Base.FRAME, Base.SOFT.inFrame()));
    table.call(SystemCall.PRLIMIT64, failed, zero, resource, zero);
    Operand hard = new Operand(Base.HARD, 0);
    Operand value = table.value(constants, wanted.value());
    table.store(soft, value, wanted.hard() ? value : hard);
    Mark above = new Mark();
    Mark below = new Mark();
    table.act(Action.LESS, above, below, hard, value);
    table.place(above);
    table.store(soft, hard, hard);
    table.place(below);
    table.store(Operand.FOURTH, zero);
    table.call(SystemCall.PRLIMIT64, failed, zero, resource, soft);
  }

  /**
   * Gives the stack its soft limit back. When an ordinary user executes a file with a privilege,
   * the kernel cuts that limit to 8 MiB (execve(2) does not say so; {@code begin_new_exec} in
   * fs/exec.c does), and nothing in the process tells what it was. Most often the parent still has
   * it: a shell with {@code ulimit -s unlimited}. So a limit of exactly 8 MiB becomes the parent's
   * if that is higher. The kernel lets the parent be asked if all its ids are the caller's, and no
   * limit exceed the hard one; otherwise it stays as it is.
   */
  void stack() {
    table.step("restore the stack's limit");
    Operand zero = Operand.number(0);
    Operand limit = new Operand(Base.FRAME, Base.LIMIT);
    Operand found = new Operand(Base.FRAME, Base.SOFT.inFrame());
    Operand own = Operand.number(0);
    Mark ordinary = new Mark();
    Mark cut = new Mark();
    Mark higher = new Mark();
    Mark done = new Mark();
    table.call(SystemCall.GETUID, null);
    table.act(Action.SAME, done, ordinary, new Operand(Base.RESULT, 0), zero);
    table.place(ordinary);
    table.store(Operand.FOURTH, found);
    stackLimit(done, own, zero);
    table.act(Action.SAME, cut, done, new Operand(Base.SOFT, -STACK_BYTES), zero);
    table.place(cut);
    table.store(limit.plus(WORD), new Operand(Base.HARD, 0));
    table.call(SystemCall.GETPPID, null);
    stackLimit(done, new Operand(Base.RESULT, 0), zero);
    table.act(Action.LESS, higher, done, Operand.number(STACK_BYTES), new Operand(Base.SOFT, 0));
    table.place(higher);
    table.store(limit, new Operand(Base.SOFT, 0));
    stackLimit(done, own, limit);
    table.place(done);
    table.store(Operand.FOURTH, zero);
  }

  private void stackLimit(Mark onFailure, Operand process, Operand set) {
    Operand stack = Operand.number(ResourceLimit.STACK);
    table.call(SystemCall.PRLIMIT64, onFailure, process, stack, set);
  }

  /** Removes a variable, however often it is there. */
  void withoutVariable(OsString name) {
    table.step("remove the variable " + name);
    OsString beginning = name.plus(OsString.of("="));
    remove(new Operand(Base.ENVP, 0), constants.string(beginning), beginning.length());
  }

  private void remove(Operand vector, Operand text, int length) {
    table.act(Action.REMOVE, null, null, vector, text, Operand.number(length));
  }

  /** Sets a variable unless it is set. */
  void defaultVariable(OsString name, OsString value) {
    table.step("set the variable " + name + " unless it is set");
    OsString beginning = name.plus(OsString.of("="));
    Operand entry = constants.string(beginning.plus(value));
    Mark absent = new Mark();
    Mark done = new Mark();
    table.find(done, absent, new Operand(Base.ENVP, 0), entry, beginning.length());
    table.place(absent);
    table.act(Action.STORE2, done, null, new Operand(Base.SLOT, 0), entry, Operand.number(0));
    table.place(done);
  }

  /**
   * Sets a variable. A new one takes the place of the vector's end, and the end that of the first
   * word behind it, in the auxiliary vector: nobody without a libc needs that, and execve(2) makes
   * another one. So nothing is copied, and no buffer depends on what the caller has.
   */
  void variable(OsString name, OsString value) {
    table.step("set the variable " + name);
    OsString beginning = name.plus(OsString.of("="));
    Operand entry = constants.string(beginning.plus(value));
    Operand slot = new Operand(Base.SLOT, 0);
    Mark present = new Mark();
    Mark absent = new Mark();
    Mark done = new Mark();
    table.find(present, absent, new Operand(Base.ENVP, 0), entry, beginning.length());
    table.place(absent);
    table.act(Action.STORE2, done, null, slot, entry, Operand.number(0));
    table.place(present);
    table.store(slot, entry);
    remove(slot.plus(WORD), entry, beginning.length());
    table.place(done);
  }
}
