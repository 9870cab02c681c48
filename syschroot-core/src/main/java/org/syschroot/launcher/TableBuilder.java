// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Machine;
import org.syschroot.kernel.SystemCall;

/**
 * Writes a table, entry after entry. An entry names its successors by {@link Mark}s, which may be
 * placed later, and all of them only forward: a table without a way back comes to an end. The
 * exception is {@link #again}, which goes on in a list that has an end.
 */
final class TableBuilder {
  static final int MOST_ENTRIES = 0xffff;

  private final Machine machine;
  private final List<Draft> drafts = new ArrayList<>();
  private String step = "";

  TableBuilder(Machine machine) {
    this.machine = machine;
  }

  /** A place in the table. */
  static final class Mark {
    private int index = -1;
  }

  /** Successors left open are the next entry. */
  private record Draft(
      int number,
      @Nullable Mark onSuccess,
      @Nullable Mark onFailure,
      Operand[] operands,
      String step) {}

  /** Says what the entries from here on are for. */
  void step(String name) {
    step = name;
  }

  String step() {
    return step;
  }

  void place(Mark mark) {
    mark.index = drafts.size();
  }

  /** Adds a system call; without a mark for its failure it may fail. */
  void call(SystemCall call, @Nullable Mark onFailure, Operand... operands) {
    call(call, null, onFailure, operands);
  }

  void call(
      SystemCall call, @Nullable Mark onSuccess, @Nullable Mark onFailure, Operand... operands) {
    drafts.add(new Draft(call.number(machine), onSuccess, onFailure, operands, step));
  }

  void find(
      @Nullable Mark onSuccess,
      @Nullable Mark onFailure,
      Operand vector,
      Operand text,
      int length) {
    act(Action.FIND, onSuccess, onFailure, vector, text, Operand.number(length));
  }

  void store(Operand address, Operand value) {
    act(Action.STORE, null, null, address, value);
  }

  void store(Operand address, Operand first, Operand second) {
    act(Action.STORE2, null, null, address, first, second);
  }

  /** Writes a word that is a constant of any size. */
  void copy(Operand address, Operand from) {
    act(Action.COPY, null, null, address, from);
  }

  /** Returns an operand with a number of any size, a large one by way of {@link Base#NUMBER}. */
  Operand value(Constants constants, long number) {
    if (Math.abs(number) <= Operand.MOST) {
      return Operand.number((int) number);
    }
    copy(new Operand(Base.FRAME, Base.NUMBER.inFrame()), constants.word(number));
    return new Operand(Base.NUMBER, 0);
  }

  void goTo(Mark mark) {
    act(Action.SAME, mark, mark);
  }

  void act(Action action, @Nullable Mark onSuccess, @Nullable Mark onFailure, Operand... operands) {
    drafts.add(new Draft(action.number(), onSuccess, onFailure, operands, step));
  }

  /**
   * Takes the string behind the one that {@link Action#PICK} has come to, and goes back with it;
   * forward at the end of the list.
   */
  void again(Mark back, Mark atTheEnd) {
    act(Action.PICK, back, atTheEnd, new Operand(Base.TEXT, 0), Operand.number(-2));
  }

  /** Ends the process; there is nothing to go to from here. */
  void exit(Operand status) {
    Mark here = new Mark();
    place(here);
    call(SystemCall.EXIT_GROUP, here, here, status);
  }

  List<String> steps() {
    return drafts.stream().map(Draft::step).toList();
  }

  List<TableEntry> entries() throws LauncherException {
    if (drafts.size() > MOST_ENTRIES) {
      throw new LauncherException(
          "the plan needs " + drafts.size() + " entries, a launcher has " + MOST_ENTRIES);
    }
    List<TableEntry> entries = new ArrayList<>();
    for (int i = 0; i < drafts.size(); i++) {
      Draft draft = drafts.get(i);
      List<Operand> operands = new ArrayList<>(List.of(draft.operands()));
      while (operands.size() < TableEntry.OPERANDS) {
        operands.add(Operand.number(0));
      }
      TableEntry entry =
          new TableEntry(
              draft.number(), next(draft.onSuccess(), i), next(draft.onFailure(), i), operands);
      if (!entry.leadsOnFrom(i, machine)) {
        throw new IllegalStateException("entry " + i + " goes back: " + draft.step());
      }
      entries.add(entry);
    }
    return entries;
  }

  private static int next(@Nullable Mark mark, int from) {
    return mark == null ? from + 1 : mark.index;
  }
}
