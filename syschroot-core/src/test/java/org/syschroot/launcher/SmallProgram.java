// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.List;
import org.syschroot.kernel.Machine;
import org.syschroot.kernel.SystemCall;

/** Programs without libc, for any machine, made of a table of their own. */
final class SmallProgram {
  private SmallProgram() {}

  /** Returns a program that exits with a status and does nothing else. */
  static byte[] exit(Machine machine, int status) throws LauncherException {
    TableBuilder table = new TableBuilder(machine);
    table.exit(Operand.number(status));
    return file(machine, table, new Constants());
  }

  /** Returns a program that executes another with an empty argument vector. */
  static byte[] executeWithoutArguments(String program) throws LauncherException {
    TableBuilder table = new TableBuilder(Machine.current());
    Constants constants = new Constants();
    Operand vector = new Operand(Base.FRAME, Base.VECTOR);
    table.store(vector, Operand.number(0));
    table.call(
        SystemCall.EXECVE, null, constants.string(program), vector, new Operand(Base.ENVP, 0));
    table.exit(Operand.number(99));
    return file(Machine.current(), table, constants);
  }

  /** Returns a program that changes its root, not its directory, and executes another there. */
  static byte[] executeInRoot(String root, String program) throws LauncherException {
    TableBuilder table = new TableBuilder(Machine.current());
    Constants constants = new Constants();
    table.call(SystemCall.CHROOT, null, constants.string(root));
    Operand arguments = new Operand(Base.ARGV, 0);
    table.call(
        SystemCall.EXECVE, null, constants.string(program), arguments, new Operand(Base.ENVP, 0));
    table.exit(Operand.number(99));
    return file(Machine.current(), table, constants);
  }

  /**
   * Returns a program that executes another beneath an open directory, whatever its own root is.
   */
  static byte[] executeBeneath(int directory, String program) throws LauncherException {
    TableBuilder table = new TableBuilder(Machine.current());
    Constants constants = new Constants();
    Operand fourth = new Operand(Base.FRAME, Base.FOURTH.inFrame());
    table.store(fourth, new Operand(Base.ENVP, 0));
    Operand arguments = new Operand(Base.ARGV, 0);
    // execveat(2) is no call of the project's own.
    SystemCall stead = SystemCall.OPENAT;
    table.call(stead, null, Operand.number(directory), constants.string(program), arguments);
    table.exit(Operand.number(99));
    int openat = stead.number(Machine.current());
    int execveat = Machine.current() == Machine.AARCH64 ? 281 : 322;
    List<TableEntry> entries =
        table.entries().stream()
            .map(
                entry ->
                    entry.number() != openat
                        ? entry
                        : new TableEntry(
                            execveat, entry.onSuccess(), entry.onFailure(), entry.operands()))
            .toList();
    return LaunchCompiler.file(
        Launchers.plain("/").plan(),
        Machine.current(),
        new Table(entries, List.of(), constants.bytes()));
  }

  /** Returns a program that exits with one status if it is root, and with another if not. */
  static byte[] tellWhetherRoot(int root, int other) throws LauncherException {
    TableBuilder table = new TableBuilder(Machine.current());
    TableBuilder.Mark isRoot = new TableBuilder.Mark();
    TableBuilder.Mark isOther = new TableBuilder.Mark();
    table.call(SystemCall.GETEUID, null);
    table.act(Action.SAME, isRoot, isOther, new Operand(Base.RESULT, 0), Operand.number(0));
    table.place(isOther);
    table.exit(Operand.number(other));
    table.place(isRoot);
    table.exit(Operand.number(root));
    return file(Machine.current(), table, new Constants());
  }

  private static byte[] file(Machine machine, TableBuilder table, Constants constants)
      throws LauncherException {
    return LaunchCompiler.file(
        Launchers.plain("/").plan(),
        machine,
        new Table(table.entries(), List.of(), constants.bytes()));
  }
}
