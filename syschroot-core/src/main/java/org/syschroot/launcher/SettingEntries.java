// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.jspecify.annotations.Nullable;
import org.syschroot.image.Personality;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.ResourceLimit;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.path.OsString;

/** The entries that set personality, limits and environment variables. */
final class SettingEntries {
  private static final int FAILED = 125;
  private static final int WORD = 8;

  private final TableBuilder table;
  private final Constants constants;
  private final Messages messages;

  SettingEntries(TableBuilder table, Constants constants, Messages messages) {
    this.table = table;
    this.constants = constants;
    this.messages = messages;
  }

  void personality(Personality personality) throws LauncherException {
    table.step("set the personality");
    Operand bits;
    if (personality.bits() <= Operand.MOST) {
      bits = Operand.number((int) personality.bits());
    } else if (personality.bits() <= 2L * Operand.MOST) {
      // The highest flags do not fit into one operand, but into the sum that an operand is.
      table.store(new Operand(Base.FRAME, Base.KEPT.inFrame()), Operand.number(Operand.MOST));
      bits = new Operand(Base.KEPT, (int) (personality.bits() - Operand.MOST));
    } else {
      throw new LauncherException("the personality " + personality + " cannot be compiled");
    }
    table.call(SystemCall.PERSONALITY, messages.failure("personality", FAILED), bits);
  }

  /** Sets the soft limit to a number, or to the hard limit where that is lower. */
  void openFiles(long soft) throws LauncherException {
    if (soft > Operand.MOST) {
      throw new LauncherException("nofile = " + soft + " cannot be compiled: it is too large");
    }
    table.step("limit open files");
    Operand limit = new Operand(Base.FRAME, Base.LIMIT);
    Mark failed = messages.failure("RLIMIT_NOFILE", FAILED);
    Mark tooHigh = new Mark();
    Mark done = new Mark();
    prlimit(null, failed, Operand.number(0), limit);
    table.store(limit, Operand.number((int) soft));
    prlimit(done, tooHigh, limit, Operand.number(0));
    table.place(tooHigh);
    Mark lower = new Mark();
    table.act(
        Action.SAME,
        lower,
        failed,
        new Operand(Base.RESULT, Errno.EINVAL.number()),
        Operand.number(0));
    table.place(lower);
    // Read again one word lower, the hard limit comes to lie where the soft one was.
    prlimit(null, failed, Operand.number(0), limit.plus(-WORD));
    prlimit(null, failed, limit, Operand.number(0));
    table.place(done);
    // From here on FOURTH is 0 again, as prctl(2) wants it.
  }

  private void prlimit(@Nullable Mark onSuccess, Mark onFailure, Operand set, Operand old) {
    table.store(new Operand(Base.FRAME, Base.FOURTH.inFrame()), old);
    table.call(
        SystemCall.PRLIMIT64,
        onSuccess,
        onFailure,
        Operand.number(0),
        Operand.number(ResourceLimit.NOFILE),
        set);
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
    table.place(done);
  }
}
