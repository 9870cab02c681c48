// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.syschroot.kernel.Machine;
import org.syschroot.kernel.SystemCall;

/**
 * One entry of the table: a system call, or an {@link Action} of the interpreter. {@link
 * EntryFormat} says how it is written. Immutable.
 *
 * @param number of the system call on the file's machine, or of the action
 * @param onSuccess the index of the entry to go to when it succeeds
 * @param onFailure the index of the entry to go to when it fails
 * @param operands three of them
 */
public record TableEntry(int number, int onSuccess, int onFailure, List<Operand> operands) {
  static final int OPERANDS = 3;

  /** Copies the list. */
  public TableEntry {
    operands = List.copyOf(operands);
  }

  /** Returns whether it is a system call. */
  public boolean isSystemCall() {
    return Action.of(number).isEmpty();
  }

  /**
   * Returns whether this entry brings a table nearer to its end: it leads to later entries only, or
   * to itself and ends the process, or it takes the next string of a list and goes back with it.
   *
   * @param index its own
   */
  boolean leadsOnFrom(int index, Machine machine) {
    boolean endsTheProcess = number == SystemCall.EXIT_GROUP.number(machine);
    return endsTheProcess || (onFailure > index && (onSuccess > index || takesNextString()));
  }

  private boolean takesNextString() {
    return number == Action.PICK.number()
        && operands.get(0).equals(new Operand(Base.TEXT, 0))
        && operands.get(1).equals(Operand.number(-2));
  }

  /** Returns the name of the system call or action, or the number if it is unknown. */
  public String name(Machine machine) {
    Optional<String> action = Action.of(number).map(Action::toString);
    return action.orElseGet(
        () ->
            SystemCall.of(machine, number)
                .map(SystemCall::toString)
                .orElse("system call " + number));
  }

  /** Returns it as text: name, operands up to the last that is not 0, and where it goes. */
  public String describe(Machine machine) {
    String shown =
        statedOperands().stream().map(Operand::toString).collect(Collectors.joining(", "));
    return name(machine) + "(" + shown + ") then " + onSuccess + " else " + onFailure;
  }

  /** Returns the operands up to the last that is not 0. */
  List<Operand> statedOperands() {
    int last = operands.size();
    while (last > 0 && operands.get(last - 1).equals(Operand.number(0))) {
      last--;
    }
    return operands.subList(0, last);
  }

  TableEntry withDataMovedBy(int distance) {
    return new TableEntry(
        number,
        onSuccess,
        onFailure,
        operands.stream()
            .map(operand -> operand.base() == Base.DATA ? operand.plus(distance) : operand)
            .toList());
  }
}
