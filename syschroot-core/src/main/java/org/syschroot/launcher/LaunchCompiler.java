// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.syschroot.image.LauncherKind;
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
    int most = plan.kind() == LauncherKind.BOOT ? Layout.MOST_BYTES_OF_BOOT : Layout.MOST_BYTES;
    if (file.length > most) {
      throw new LauncherException(
          plan.image()
              + ": the launcher would have "
              + file.length
              + " bytes, "
              + most
              + " is the limit: use fewer shells, variables or dropped capabilities, or shorter"
              + " pathnames");
    }
    return file;
  }
}
