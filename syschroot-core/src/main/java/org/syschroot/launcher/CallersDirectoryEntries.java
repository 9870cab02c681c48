// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.syschroot.image.DirectoryPolicy;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.plan.SymbolicStep.EnterWorkingDirectory;

/**
 * The entries that keep whatever directory the caller has, as {@link ChoiceEntries} do for one that
 * is known, in the same words.
 */
final class CallersDirectoryEntries {
  private static final int FAILED = 125;
  private static final Operand PATHNAME = new Operand(Base.FRAME, Base.DIRECTORY);

  /** Hold the address of the shell's pathname, of the one that was entered, and an errno. */
  private static final Operand LOGICAL = StartVectors.word(8);

  private static final Operand ENTERED = StartVectors.word(9);
  private static final Operand ERRNO = StartVectors.word(10);

  private static final String PWD = "PWD=/";
  private static final String HOME = "HOME=";
  private static final String UNNAMED =
      "cannot enter the working directory in the image: it has no pathname (deleted, too long, or"
          + " outside the root directory); change to another directory, or use --directory DIR";
  private static final String HINT =
      "; add it to the mounts of the image, or use --directory DIR\n";

  private final TableBuilder table;
  private final Constants constants;
  private final Messages messages;
  private final StatusEntries status;
  private final ComparisonEntries comparison;

  CallersDirectoryEntries(TableBuilder table, Constants constants, Messages messages) {
    this.table = table;
    this.constants = constants;
    this.messages = messages;
    this.status = new StatusEntries(table, constants);
    this.comparison = new ComparisonEntries(table, constants, messages, status);
  }

  /** Adds the entries before the change of root. */
  void remember() {
    table.step("remember the working directory");
    Mark seen = new Mark();
    Mark done = new Mark();
    Mark unnamed = messages.completeFailure(UNNAMED, FAILED);
    table.call(SystemCall.GETCWD, unnamed, PATHNAME, Operand.number(Base.DIRECTORY_BYTES));
    // Outside the root directory the kernel says "(unreachable)/...", which is no pathname.
    table.store(Operand.VECTOR, PATHNAME, Operand.ZERO);
    table.find(null, unnamed, Operand.VECTOR, constants.string("/"), 1);
    Operand none = constants.string("");
    status.statx(none, MountFlags.AT_EMPTY_PATH, StatusEntries.DIRECTORY, seen, seen);
    table.place(seen);
    comparison.remember();
    table.store(LOGICAL, none);
    table.find(null, done, Operand.ENVP, constants.string(PWD), PWD.length());
    Operand path = Operand.TEXT.plus(PWD.length() - 1);
    status.statx(path, StatusEntries.AT_NO_AUTOMOUNT, StatusEntries.FILE, done);
    status.requireSame(done);
    table.store(LOGICAL, path);
    table.place(done);
    status.end();
  }

  /** Adds the entries after the change of root. */
  void change(EnterWorkingDirectory step) {
    table.step("change to the working directory");
    Mark missing = new Mark();
    Mark entered = new Mark();
    Mark other = new Mark();
    Mark fail = new Mark();
    Mark done = new Mark();
    table.store(Operand.KEPT_WORD, PATHNAME);
    table.call(SystemCall.CHDIR, entered, missing, Operand.KEPT);
    table.place(missing);
    table.store(ERRNO, Operand.RESULT);
    table.copy(Operand.KEPT_WORD, LOGICAL);
    table.call(SystemCall.CHDIR, entered, other, Operand.KEPT);
    table.place(other);
    if (step.forShell() && step.policy() == DirectoryPolicy.ROOT) {
      table.call(SystemCall.CHDIR, fail, constants.string("/"));
      tell("; starting in ");
      messages.remarkEnding(constants.string("/"), Operand.number(1), "\n");
      replaced(done);
    } else if (step.forShell() && step.policy() == DirectoryPolicy.HOME) {
      home(fail);
      table.call(SystemCall.CHDIR, fail, Operand.TEXT);
      tell("; starting in ");
      home(fail);
      messages.remarkEnding(Operand.TEXT, Operand.LENGTH, "\n");
      replaced(done);
    }
    table.place(fail);
    table.step("report a missing directory");
    tell("\n");
    Mark plain = new Mark();
    table.act(Action.SAME, null, plain, Operand.RESULT.plus(Errno.ENOENT.number()), Operand.ZERO);
    messages.ending(HINT);
    table.place(plain);
    messages.fail();
    table.place(entered);
    table.store(ENTERED, Operand.KEPT);
    table.place(done);
  }

  private void replaced(Mark done) {
    table.store(ENTERED, Operand.ZERO);
    table.goTo(done);
  }

  /** Takes what {@code HOME} is; there is none if it is empty. */
  private void home(Mark none) {
    table.find(null, none, Operand.ENVP, constants.string(HOME), HOME.length());
    table.act(Action.PICK, null, none, Operand.TEXT.plus(HOME.length()), Operand.ALL_BITS);
  }

  private void tell(String ending) {
    table.copy(Operand.RESULT_WORD, ERRNO);
    table.act(Action.PICK, null, null, PATHNAME, Operand.ALL_BITS);
    messages.tell("cannot enter ", Operand.TEXT, Operand.LENGTH, " in the image: ", ending);
  }

  /** Tells of another directory of the same name, if the caller may write here or there. */
  void compare(boolean mustBeSame) {
    table.step("compare the directory with that of the caller");
    Mark done = new Mark();
    Mark some = new Mark();
    Mark named = new Mark();
    table.copy(Operand.KEPT_WORD, ENTERED);
    table.act(Action.SAME, done, some, Operand.KEPT, Operand.ZERO);
    table.place(some);
    table.store(Operand.VECTOR, Operand.KEPT, Operand.ZERO);
    // The root directory is another one in every image, as the caller wants it.
    table.find(done, named, Operand.VECTOR, constants.string("/"), 2);
    table.place(named);
    comparison.compare(done, mustBeSame, "; use --directory DIR");
    table.place(done);
    status.end();
  }
}
