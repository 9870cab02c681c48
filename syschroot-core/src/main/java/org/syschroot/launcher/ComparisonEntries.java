// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;

/**
 * The entries that tell a caller that the directory which was entered in the image is another one
 * than theirs of the same name, if they may write here or there; or refuse it.
 */
final class ComparisonEntries {
  private static final int FAILED = 125;
  private static final Operand W_OK = Operand.number(2);

  private final TableBuilder table;
  private final Messages messages;
  private final StatusEntries status;
  private final Operand here;

  ComparisonEntries(
      TableBuilder table, Constants constants, Messages messages, StatusEntries status) {
    this.table = table;
    this.messages = messages;
    this.status = status;
    this.here = constants.string(".");
  }

  /** Keeps whether the caller may write in their directory, before it is left. */
  void remember() {
    table.call(SystemCall.FACCESSAT, null, Operand.AT_FDCWD, here, W_OK);
    table.store(Operand.UNWRITABLE, Operand.RESULT);
  }

  /**
   * Compares the current directory with the one whose status was kept. Its name is kept as a text.
   *
   * @param done where to go on; what is not told or refused falls through
   * @param mustBeSame whether another one is refused
   * @param advice the end of the refusal, from its punctuation on
   */
  void compare(Mark done, boolean mustBeSame, String advice) {
    Mark another = new Mark();
    Mark unknown =
        mustBeSame ? messages.failure("cannot find out the working directory", FAILED) : done;
    status.statx(here, 0, StatusEntries.FILE, unknown);
    status.requireSame(another);
    table.goTo(done);
    table.place(another);
    if (mustBeSame) {
      table.act(Action.PICK, null, null, Operand.KEPT, Operand.ALL_BITS);
      messages.failNaming(
          Operand.TEXT,
          Operand.LENGTH,
          " in the image is another directory than on the host" + advice + "\n");
      return;
    }
    Mark tell = new Mark();
    table.act(Action.BITS, tell, null, Operand.UNWRITABLE, Operand.ALL_BITS, Operand.ZERO);
    table.call(SystemCall.FACCESSAT, tell, done, Operand.AT_FDCWD, here, W_OK);
    table.place(tell);
    table.act(Action.PICK, null, null, Operand.KEPT, Operand.ALL_BITS);
    messages.remarkNaming(
        Operand.TEXT,
        Operand.LENGTH,
        " in the image is not ",
        " of the host: files you write here stay in the image\n");
  }
}
