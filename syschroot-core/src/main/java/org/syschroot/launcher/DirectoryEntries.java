// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.syschroot.image.DirectoryPolicy;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;

/**
 * The entries that keep the current directory, or replace it as the image's policy says.
 *
 * <p>Another directory serves a shell without a command only: a command that was meant for one
 * directory must not run in another.
 */
final class DirectoryEntries {
  private static final Operand DIRECTORY = new Operand(Base.FRAME, Base.DIRECTORY);
  private static final int WORD = 8;
  private static final int FAILED = 125;
  private static final String HOME = "HOME=/";
  private static final String PWD = "PWD=/";

  private final TableBuilder table;
  private final Constants constants;
  private final Messages messages;
  private final StatusEntries status;
  private final DirectoryPolicy policy;
  private final boolean shell;
  private final ComparisonEntries comparison;

  DirectoryEntries(TableBuilder table, Constants constants, Messages messages, LaunchPlan plan) {
    this.table = table;
    this.constants = constants;
    this.messages = messages;
    this.status = new StatusEntries(table, constants);
    this.policy = plan.directoryPolicy();
    this.shell = plan.program().isShell();
    this.comparison = new ComparisonEntries(table, constants, messages, status);
  }

  private boolean hasOtherDirectory() {
    return shell && (policy == DirectoryPolicy.HOME || policy == DirectoryPolicy.ROOT);
  }

  /** Adds the entries before the change of root. */
  void remember() {
    table.step("remember the working directory");
    Mark unknown = new Mark();
    Mark known = new Mark();
    Mark pathless =
        hasOtherDirectory()
            ? unknown
            : messages.failure("cannot find out the working directory", FAILED);
    // The buffer has room for the longest path there is; for a longer one the call fails.
    table.call(SystemCall.GETCWD, pathless, DIRECTORY, Operand.number(Base.DIRECTORY_BYTES));
    // Outside the root directory the kernel says "(unreachable)/...", which is no path.
    table.store(Operand.VECTOR, DIRECTORY, Operand.ZERO);
    Mark outside =
        hasOtherDirectory()
            ? unknown
            : messages.completeFailure(
                "the working directory is outside the root directory", FAILED);
    table.find(null, outside, Operand.VECTOR, constants.string("/"), 1);
    // Not ".", which a caller who may not search the directory could not look up.
    Operand none = constants.string("");
    status.statx(none, MountFlags.AT_EMPTY_PATH, StatusEntries.DIRECTORY, known, pathless);
    table.place(unknown);
    if (hasOtherDirectory()) {
      // chdir(2) to an empty path fails with ENOENT whatever there is.
      table.store(DIRECTORY, Operand.ZERO);
    }
    table.place(known);
    comparison.remember();
    rememberLogical(none);
  }

  /**
   * Keeps the path that the shell has for the directory, if it leads there: a link of the host on
   * the way, such as to a home directory, may be a mount point in the image.
   */
  private void rememberLogical(Operand none) {
    Mark done = new Mark();
    Operand path = new Operand(Base.TEXT, PWD.length() - 1);
    table.store(Operand.KEPT_WORD, none);
    table.find(null, done, Operand.ENVP, constants.string(PWD), PWD.length());
    status.statx(path, StatusEntries.AT_NO_AUTOMOUNT, StatusEntries.FILE, done);
    status.requireSame(done);
    table.store(Operand.KEPT_WORD, path);
    table.place(done);
  }

  /** Adds the entries after the change of root. */
  void change() {
    table.step("change to the directory");
    Mark missing = new Mark();
    Mark logical = new Mark();
    Mark arrived = new Mark();
    Mark refused = new Mark();
    Mark done = new Mark();
    table.call(SystemCall.CHDIR, missing, DIRECTORY);
    table.act(Action.STORE, arrived, null, Operand.KEPT_WORD, DIRECTORY);
    table.place(missing);
    table.act(Action.SAME, logical, refused, isErrno(Errno.ENOENT), Operand.ZERO);
    table.place(logical);
    table.call(SystemCall.CHDIR, arrived, refused, Operand.KEPT);
    table.place(refused);
    replace(done);
    table.place(arrived);
    compare(done);
    table.place(done);
    status.end();
  }

  private static Operand isErrno(Errno errno) {
    return new Operand(Base.RESULT, errno.number());
  }

  /** Tells of a directory that cannot be entered, and fails or takes another. */
  private void replace(Mark done) {
    table.step("report a missing directory");
    Mark named = new Mark();
    table.act(Action.PICK, named, null, DIRECTORY, Operand.ALL_BITS);
    String pathless = "the working directory";
    table.store(
        new Operand(Base.FRAME, Base.TEXT.inFrame()),
        constants.string(pathless),
        Operand.number(pathless.length()));
    table.place(named);
    messages.tell("cannot enter ", Operand.TEXT, Operand.LENGTH, " in the image: ", "\n");
    Mark other = new Mark();
    Mark fail = new Mark();
    if (hasOtherDirectory()) {
      // The number of arguments, of which the first is the name of the program.
      table.act(
          Action.BITS,
          other,
          null,
          new Operand(Base.ARGV, -WORD),
          Operand.ALL_BITS,
          Operand.number(1));
    }
    table.act(Action.SAME, null, fail, isErrno(Errno.ENOENT), Operand.ZERO);
    messages.ending("; add it to mounts of the image, or use another directory\n");
    table.place(fail);
    messages.fail();
    if (hasOtherDirectory()) {
      table.place(other);
      table.step("change to another directory");
      changeToOther(done);
    }
  }

  private void changeToOther(Mark done) {
    if (policy == DirectoryPolicy.ROOT) {
      messages.ending(": using / instead\n");
      messages.remark();
      Mark failed = messages.failure("cannot enter / in the image", FAILED);
      table.call(SystemCall.CHDIR, done, failed, constants.string("/"));
      return;
    }
    messages.ending(": using $HOME instead\n");
    messages.remark();
    Mark noHome = messages.completeFailure("HOME is not set", FAILED);
    table.find(null, noHome, Operand.ENVP, constants.string(HOME), HOME.length());
    // By now without privilege to look where the caller may not: the kernel checks as for them.
    table.call(
        SystemCall.CHDIR,
        done,
        messages.failure("cannot enter $HOME in the image", FAILED),
        new Operand(Base.TEXT, HOME.length() - 1));
  }

  /** Tells of another directory of the same name, if the caller may write here or there. */
  private void compare(Mark done) {
    table.step("compare the directory with that of the caller");
    // The root directory is another one in every image, as the caller wants it.
    table.find(done, null, Operand.VECTOR, constants.string("/"), 2);
    comparison.compare(done, policy == DirectoryPolicy.SAME, ": change the directory");
  }
}
