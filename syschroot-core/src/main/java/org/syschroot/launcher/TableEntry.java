// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.syschroot.kernel.Machine;
import org.syschroot.kernel.SystemCall;

/**
 * One entry of the table: a system call, or an {@link Action} of the interpreter. In the file 12
 * bytes, little endian, two each: the number, the two next indexes, the numbers of three operands
 * in the list of all operands. Immutable.
 *
 * @param number of the system call on the file's machine, or of the action
 * @param onSuccess the index of the entry to go to when it succeeds
 * @param onFailure the index of the entry to go to when it fails
 * @param operands three of them
 */
public record TableEntry(int number, int onSuccess, int onFailure, List<Operand> operands) {
  static final int BYTES = 12;
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
    return endsTheProcess || onFailure > index && (onSuccess > index || takesNextString());
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
    int last = operands.size();
    while (last > 0 && operands.get(last - 1).equals(Operand.number(0))) {
      last--;
    }
    String shown =
        operands.subList(0, last).stream().map(Operand::toString).collect(Collectors.joining(", "));
    return name(machine) + "(" + shown + ") then " + onSuccess + " else " + onFailure;
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

  void putInto(ByteBuffer file, List<Operand> pool) {
    file.putShort((short) number).putShort((short) onSuccess).putShort((short) onFailure);
    operands.forEach(operand -> file.putShort((short) pool.indexOf(operand)));
  }

  static TableEntry read(ByteBuffer file, List<Operand> pool) {
    int number = Short.toUnsignedInt(file.getShort());
    int onSuccess = Short.toUnsignedInt(file.getShort());
    int onFailure = Short.toUnsignedInt(file.getShort());
    List<Operand> operands = new ArrayList<>();
    for (int i = 0; i < OPERANDS; i++) {
      operands.add(pool.get(Short.toUnsignedInt(file.getShort())));
    }
    return new TableEntry(number, onSuccess, onFailure, operands);
  }
}
