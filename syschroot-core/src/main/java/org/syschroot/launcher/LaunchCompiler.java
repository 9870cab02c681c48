// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.syschroot.kernel.Machine;

/**
 * Makes the file of a launcher: a static ELF file of the constant {@link Interpreter} and the
 * plan's {@link Table}. Equal plans give equal bytes.
 */
public final class LaunchCompiler {
  private LaunchCompiler() {}

  /**
   * Returns the bytes of a launcher.
   *
   * @throws LauncherException if the plan does not fit into a launcher
   */
  public static byte[] compile(LaunchPlan plan, Machine machine) throws LauncherException {
    return file(plan, machine, Table.of(plan, machine));
  }

  /** Returns a file with any table. */
  static byte[] file(LaunchPlan plan, Machine machine, Table table) throws LauncherException {
    byte[] file = new ProgramFile(machine, table, PlanText.bytes(plan)).bytes(plan.digest());
    if (file.length > Layout.MOST_BYTES) {
      throw new LauncherException(
          plan.image()
              + ": the launcher would have "
              + file.length
              + " bytes, "
              + Layout.MOST_BYTES
              + " is the limit: shorten the list of shells, of variables or of dropped"
              + " capabilities, or the paths");
    }
    return file;
  }
}
