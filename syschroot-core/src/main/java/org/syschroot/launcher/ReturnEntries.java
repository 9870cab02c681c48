// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.syschroot.image.ImageName;
import org.syschroot.kernel.CloneFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;
import org.syschroot.path.OsString;

/**
 * Messages that are not written: where there is anything to tell, the process goes back to where it
 * was and becomes another program, which does the same and finds the words. Only root can go back,
 * to the mount namespace and the root directory that it came from.
 */
final class ReturnEntries extends Messages {
  private static final long ASK = 0xffffffffL;
  private static final int FAILED = 125;
  private static final Operand NUMBER = new Operand(Base.NUMBER, 0);
  private static final Operand NUMBER_WORD = new Operand(Base.FRAME, Base.NUMBER.inFrame());
  private static final Operand ROOT = StartVectors.word(4);
  private static final Operand DIRECTORY = StartVectors.word(5);
  private static final Operand NAMESPACE = StartVectors.word(6);
  private static final Operand PERSONALITY = StartVectors.word(7);

  private final TableBuilder table;
  private final Constants constants;
  private final StartVectors vectors;
  private final boolean ownNamespace;
  private final Mark back = new Mark();
  private final Mark backAtOnce = new Mark();

  /**
   * Creates the entries.
   *
   * @param ownNamespace whether the plan enters a mount namespace
   */
  ReturnEntries(
      TableBuilder table,
      Constants constants,
      ImageName image,
      StartVectors vectors,
      boolean ownNamespace) {
    super(table, constants, image);
    this.table = table;
    this.constants = constants;
    this.vectors = vectors;
    this.ownNamespace = ownNamespace;
  }

  /** Adds the entries that hold what leads back. */
  void remember() {
    table.step("hold what leads back");
    open("/", OpenFlags.O_PATH, ROOT);
    open(".", OpenFlags.O_PATH, DIRECTORY);
    if (ownNamespace) {
      open("/proc/self/ns/mnt", OpenFlags.O_RDONLY, NAMESPACE);
    }
    table.call(SystemCall.PERSONALITY, null, table.value(constants, ASK));
    table.store(PERSONALITY, Operand.RESULT);
  }

  private void open(String path, int flags, Operand kept) {
    Operand how = Operand.number(flags | OpenFlags.O_CLOEXEC);
    table.call(SystemCall.OPENAT, backAtOnce, Operand.AT_FDCWD, constants.string(path), how);
    table.store(kept, Operand.RESULT);
  }

  @Override
  Mark failure(String text, int status, boolean complete) {
    return back;
  }

  @Override
  void failNaming(Operand name, Operand length, String text) {
    table.goTo(back);
  }

  @Override
  void tell(String before, Operand name, Operand length, String between, String ending) {
    // The other program does.
  }

  @Override
  void ending(String ending) {
    // The other program has one.
  }

  @Override
  void fail() {
    table.goTo(back);
  }

  @Override
  void remark() {
    table.goTo(back);
  }

  @Override
  void remarkEnding(OsString ending) {
    table.goTo(back);
  }

  @Override
  void remarkEnding(Operand text, Operand length, String ending) {
    table.goTo(back);
  }

  @Override
  void remarkLine(String text) {
    table.goTo(back);
  }

  @Override
  void remarkNaming(Operand name, Operand length, String between, String ending) {
    table.goTo(back);
  }

  @Override
  void writeFailures() {
    table.step("go back, and become the other program");
    Mark lost = new Mark();
    table.place(back);
    if (ownNamespace) {
      take(NAMESPACE);
      table.call(SystemCall.SETNS, lost, NUMBER, Operand.number(CloneFlags.CLONE_NEWNS));
    }
    take(ROOT);
    table.call(SystemCall.FCHDIR, lost, NUMBER);
    table.call(SystemCall.CHROOT, lost, constants.string("."));
    take(DIRECTORY);
    table.call(SystemCall.FCHDIR, lost, NUMBER);
    take(PERSONALITY);
    table.call(SystemCall.PERSONALITY, lost, NUMBER);
    table.place(backAtOnce);
    vectors.becomeOther();
    table.place(lost);
    String text = "syschroot: cannot start again without the cache: use --no-cache\n";
    table.call(
        SystemCall.WRITE,
        null,
        Operand.number(STDERR),
        constants.string(text),
        Operand.number(text.length()));
    table.exit(Operand.number(FAILED));
  }

  private void take(Operand kept) {
    table.copy(NUMBER_WORD, kept);
  }
}
