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

  private static byte[] file(Machine machine, TableBuilder table, Constants constants)
      throws LauncherException {
    return LaunchCompiler.file(
        Launchers.plain("/").plan(),
        machine,
        new Table(table.entries(), List.of(), constants.bytes()));
  }
}
