// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.syschroot.kernel.SystemCall;
import org.syschroot.launcher.TableBuilder.Mark;

/**
 * The entries that cut the argument vector of a program for any call into what it is made of, since
 * who starts it has no other way to hand over more than one vector byte for byte:
 *
 * <ul>
 *   <li>a list: the command's name, then each program to try with its {@code argv[0]}; an empty
 *       string ends it
 *   <li>the command's arguments, of which the first has its place only, and {@link #SEPARATOR}
 *   <li>the command's environment
 *   <li>where the program may have to give up: {@link #SEPARATOR}, the program that takes over with
 *       its arguments, {@link #SEPARATOR}, and its environment
 * </ul>
 *
 * <p>The strings of a vector follow each other in memory, so that the list can be walked as one.
 */
final class StartVectors {
  /** What no argument and no variable may be. */
  static final String SEPARATOR = "\u0001syschroot\u0001";

  private static final int WORD = 8;
  private static final int FAILED = 125;
  private static final Operand ARGV_WORD = new Operand(Base.FRAME, Base.ARGV.inFrame());
  private static final Operand ENVP_WORD = new Operand(Base.FRAME, Base.ENVP.inFrame());
  private static final Operand NEXT = Operand.SLOT.plus(WORD);
  private static final Operand LIST = word(0);
  private static final Operand COMMAND = word(1);

  /** Where the addresses of the other program's arguments and environment are kept. */
  static final Operand OTHER_ARGV = word(2);

  static final Operand OTHER_ENVP = word(3);

  private final TableBuilder table;
  private final Constants constants;

  StartVectors(TableBuilder table, Constants constants) {
    this.table = table;
    this.constants = constants;
  }

  /** Returns a word of the frame that nothing else uses. */
  static Operand word(int number) {
    return new Operand(Base.FRAME, Base.START + number * WORD);
  }

  /**
   * Adds the entries that cut.
   *
   * @param other whether there is another program that can take over
   */
  void cut(boolean other) {
    table.step("cut the arguments into vectors");
    Mark wrong = new Mark();
    Mark cut = new Mark();
    table.find(null, wrong, Operand.ARGV, constants.string(""), 1);
    table.store(COMMAND, NEXT);
    table.copy(LIST, Operand.ARGV);
    separate(wrong);
    table.store(ENVP_WORD, NEXT);
    if (other) {
      separate(wrong);
      table.store(OTHER_ARGV, NEXT);
      separate(wrong);
      table.store(OTHER_ENVP, NEXT);
    }
    table.copy(ARGV_WORD, COMMAND);
    table.goTo(cut);
    table.place(wrong);
    table.exit(Operand.number(FAILED));
    table.place(cut);
  }

  /** Ends a vector where the separator is. */
  private void separate(Mark wrong) {
    table.find(null, wrong, NEXT, constants.string(SEPARATOR), SEPARATOR.length() + 1);
    table.store(Operand.SLOT, Operand.ZERO);
  }

  /** Adds the entry that brings the address of the list into a word that entries can name. */
  void takeList(Operand word) {
    table.copy(word, LIST);
  }

  /** Adds the entries that become the other program; they go on where that fails. */
  void becomeOther() {
    Operand arguments = new Operand(Base.KEPT, 0);
    Operand program = new Operand(Base.NUMBER, 0);
    Operand environment = new Operand(Base.TREE, 0);
    table.copy(new Operand(Base.FRAME, Base.KEPT.inFrame()), OTHER_ARGV);
    table.copy(new Operand(Base.FRAME, Base.NUMBER.inFrame()), arguments);
    table.copy(new Operand(Base.FRAME, Base.TREE.inFrame()), OTHER_ENVP);
    table.call(SystemCall.EXECVE, null, program, arguments, environment);
  }
}
