// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.syschroot.kernel.Errno;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.path.OsString;
import org.syschroot.plan.KernelStep.ChangeDirectory;
import org.syschroot.plan.KernelStep.ChangeDirectory.Choice;
import org.syschroot.plan.KernelStep.ChangeDirectory.WhenDenied;

/**
 * The entries that change to the directory that one caller has chosen, and compare it with the
 * caller's.
 */
final class ChoiceEntries {

  /** Holds the chosen directory if it has the name of the caller's, else nothing. */
  private static final Operand SHARED = new Operand(Base.FRAME, Base.DIRECTORY);

  /** Holds a text if the first choice was denied before the change of user. */
  private static final Operand DENIED = SHARED.plus(16);

  private final TableBuilder table;
  private final Constants constants;
  private final Messages messages;
  private final StatusEntries status;
  private final ComparisonEntries comparison;

  ChoiceEntries(TableBuilder table, Constants constants, Messages messages) {
    this.table = table;
    this.constants = constants;
    this.messages = messages;
    this.status = new StatusEntries(table, constants);
    this.comparison = new ComparisonEntries(table, constants, messages, status);
  }

  /** Looks at the caller's directory, which is another one later. */
  void remember() {
    table.step("look at the working directory");
    Mark done = new Mark();
    status.statx(
        constants.string(""), MountFlags.AT_EMPTY_PATH, StatusEntries.DIRECTORY, done, done);
    table.place(done);
    comparison.remember();
    status.end();
  }

  void change(ChangeDirectory step, String hint) {
    table.step("change to the directory");
    Mark done = new Mark();
    if (step.whenDenied() == WhenDenied.ONLY_IF_DENIED_BEFORE) {
      table.find(null, done, DENIED, constants.string(""), 0);
    } else {
      table.store(SHARED, Operand.ZERO, Operand.ZERO);
      table.store(DENIED, Operand.ZERO, Operand.ZERO);
    }
    for (int i = 0; i < step.choices().size(); i++) {
      choose(step, i, done);
    }
    OsString wanted = step.choices().get(0).directory();
    table.step("report a missing directory");
    table.store(Operand.RESULT_WORD, Operand.KEPT);
    tellOf("cannot enter ", wanted, " in the image: ", "\n");
    Mark fail = new Mark();
    table.act(
        Action.SAME, null, fail, new Operand(Base.RESULT, Errno.ENOENT.number()), Operand.ZERO);
    messages.ending("; " + hint + "\n");
    table.place(fail);
    messages.fail();
    table.place(done);
  }

  private void choose(ChangeDirectory step, int number, Mark done) {
    Choice choice = step.choices().get(number);
    Mark missing = new Mark();
    Mark next = new Mark();
    Operand directory = constants.string(choice.directory());
    table.call(SystemCall.CHDIR, missing, directory);
    if (choice.reason().isEmpty()) {
      table.act(Action.STORE, done, null, SHARED, directory);
    } else if (number == 0) {
      messages.remarkLine(choice.reason().get() + "; starting in " + choice.directory() + "\n");
      table.goTo(done);
    } else {
      table.store(Operand.RESULT_WORD, Operand.KEPT);
      tellOf(choice.reason().get() + ": ", OsString.of(""), "", "; starting in ");
      messages.remarkEnding(choice.directory().plus(OsString.of("\n")));
      table.goTo(done);
    }
    table.place(missing);
    if (number == 0) {
      table.store(Operand.KEPT_WORD, Operand.RESULT);
    }
    if (step.whenDenied() == WhenDenied.TRY_AGAIN_LATER) {
      table.act(
          Action.SAME, null, next, new Operand(Base.RESULT, Errno.EACCES.number()), Operand.ZERO);
      table.act(Action.STORE, done, null, DENIED, directory);
    }
    table.place(next);
  }

  private void tellOf(String before, OsString name, String between, String ending) {
    messages.tell(before, constants.string(name), Operand.number(name.length()), between, ending);
  }

  /** Tells of another directory of the same name, if the caller may write here or there. */
  void compare(boolean mustBeSame, String hint) {
    table.step("compare the directory with that of the caller");
    Mark done = new Mark();
    Mark named = new Mark();
    table.find(null, done, SHARED, constants.string(""), 0);
    // The root directory is another one in every image, as the caller wants it.
    table.find(done, named, SHARED, constants.string("/"), 2);
    table.place(named);
    table.copy(Operand.KEPT_WORD, SHARED);
    comparison.compare(done, mustBeSame, "; " + hint);
    table.place(done);
    status.end();
  }
}
