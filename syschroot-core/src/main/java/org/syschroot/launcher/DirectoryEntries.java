// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.syschroot.image.DirectoryPolicy;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;

/** The entries that keep the current directory, or replace it as the image's policy says. */
final class DirectoryEntries {
  private static final Operand DIRECTORY = new Operand(Base.FRAME, Base.DIRECTORY);
  private static final Operand VECTOR = new Operand(Base.FRAME, Base.VECTOR);
  private static final int FAILED = 125;
  private static final String HOME = "HOME=/";

  private final TableBuilder table;
  private final Constants constants;
  private final Messages messages;
  private final DirectoryPolicy policy;

  DirectoryEntries(
      TableBuilder table, Constants constants, Messages messages, DirectoryPolicy policy) {
    this.table = table;
    this.constants = constants;
    this.messages = messages;
    this.policy = policy;
  }

  private boolean refusesMissing() {
    return policy == DirectoryPolicy.SAME || policy == DirectoryPolicy.SAME_OR_FAIL;
  }

  /** Adds the entries before the change of root. */
  void remember() {
    table.step("remember the current directory");
    Mark unknown = new Mark();
    Mark known = new Mark();
    boolean mustBeKnown = refusesMissing();
    // The buffer has room for the longest path there is; for a longer one the call fails.
    table.call(
        SystemCall.GETCWD,
        mustBeKnown ? messages.failure("getcwd", FAILED) : unknown,
        DIRECTORY,
        Operand.number(Base.DIRECTORY_BYTES));
    messages.subject(DIRECTORY, new Operand(Base.RESULT, -1));
    // Outside the root directory the kernel says "(unreachable)/...", which is no path.
    table.store(VECTOR, DIRECTORY, Operand.number(0));
    table.find(
        known,
        mustBeKnown
            ? messages.completeFailure("the current directory is outside the root", FAILED)
            : unknown,
        VECTOR,
        constants.string("/"),
        1);
    table.place(unknown);
    if (!mustBeKnown) {
      // chdir(2) to an empty path fails with ENOENT whatever there is.
      table.store(DIRECTORY, Operand.number(0));
      messages.subject("(without a path)");
    }
    table.place(known);
  }

  /** Adds the entries after the change of root. */
  void change() {
    table.step("change to the directory");
    if (refusesMissing()) {
      table.call(SystemCall.CHDIR, messages.failureWithSubject("chdir ", FAILED), DIRECTORY);
      return;
    }
    Mark missing = new Mark();
    Mark done = new Mark();
    table.call(SystemCall.CHDIR, done, missing, DIRECTORY);
    table.place(missing);
    table.step("change to another directory");
    if (policy == DirectoryPolicy.ROOT) {
      messages.remark("chdir ", ": using / instead\n");
      table.call(SystemCall.CHDIR, messages.failure("chdir /", FAILED), constants.string("/"));
    } else {
      messages.remark("chdir ", ": using $HOME instead\n");
      Mark noHome = messages.completeFailure("chdir $HOME: it is not set", FAILED);
      table.find(null, noHome, new Operand(Base.ENVP, 0), constants.string(HOME), HOME.length());
      // By now without privilege to look where the caller may not: the kernel checks as for them.
      table.call(
          SystemCall.CHDIR,
          messages.failure("chdir $HOME", FAILED),
          new Operand(Base.TEXT, HOME.length() - 1));
    }
    table.place(done);
  }
}
