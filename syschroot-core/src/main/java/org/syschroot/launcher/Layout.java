// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

/**
 * Where what is in a launcher's file, and where in memory. {@code docs/launchers.md} has a table.
 */
final class Layout {
  /** The largest file. */
  static final int MOST_BYTES = 0x10000;

  /** The largest file of a launcher that mounts nothing. */
  static final int MOST_BYTES_OF_BOOT = 0x2000;

  static final int HEADER = 0xe8;
  static final int CODE = 0x138;

  /** Where versions before 4 have the header: such launchers are to be replaced. */
  static final int FORMER_HEADER = 0x380;

  /** The file is mapped twice: executable from here on, and only readable from there on. */
  static final long CODE_ADDRESS = 0x10000000L;

  static final long DATA_ADDRESS = 0x20000000L;

  /** What makes a file ours, at {@link #HEADER}. */
  static final String MAGIC = "syschroot-launch";

  static final int VERSION = 4;

  // Offsets from HEADER.
  static final int AT_VERSION = 16;
  static final int AT_MACHINE = 18;
  static final int AT_ENTRIES = 20;
  static final int AT_CODE_BYTES = 22;
  static final int AT_CONSTANTS = 24;
  static final int AT_CONSTANTS_BYTES = 28;
  static final int AT_PLAN = 32;
  static final int AT_PLAN_BYTES = 36;
  static final int AT_OPERANDS = 40;
  static final int AT_OPERANDS_COUNT = 44;
  static final int AT_DIGEST = 48;

  /** Returns where the table is in the file: behind the instructions. */
  static int table(Interpreter interpreter) {
    return (CODE + interpreter.size() + 3) & -4;
  }

  private Layout() {}
}
