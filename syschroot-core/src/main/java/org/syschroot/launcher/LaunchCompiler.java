// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.syschroot.kernel.Machine;

/**
 * Makes the file of a launcher: a static ELF file of the constant {@link Interpreter} and the
 * plan's {@link Table}. Equal plans give equal bytes.
 */
public final class LaunchCompiler {
  private static final int ELF_HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int SECTION_HEADER = 64;
  private static final int PT_LOAD = 1;
  private static final int PT_GNU_STACK = 0x6474e551;
  private static final int PF_X = 1;
  private static final int PF_W = 2;
  private static final int PF_R = 4;
  private static final int SHT_PROGBITS = 1;
  private static final int SHT_STRTAB = 3;
  private static final int SHF_ALLOC = 2;
  private static final int SHF_EXECINSTR = 4;
  private static final String SECTION_NAMES = "\0.text\0.shstrtab\0";

  /** The largest page that either machine may be configured with. */
  private static final int PAGE = 0x10000;

  private final Interpreter interpreter;
  private final Machine machine;
  private final LaunchPlan plan;

  private LaunchCompiler(LaunchPlan plan, Machine machine) {
    this.plan = plan;
    this.machine = machine;
    this.interpreter = Interpreter.of(machine);
  }

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
    return new LaunchCompiler(plan, machine).file(table);
  }

  private byte[] file(Table table) throws LauncherException {
    byte[] text = PlanText.bytes(plan);
    int constants = Layout.TABLE + table.entries().size() * TableEntry.BYTES;
    int planText = constants + table.constants().length;
    int end = planText + text.length;
    int names = end;
    int sections = (names + SECTION_NAMES.length() + 7) & -8;
    int size = sections + 3 * SECTION_HEADER;
    if (size > Layout.MOST_BYTES) {
      throw new LauncherException(
          plan.image()
              + ": the launcher would have "
              + size
              + " bytes, "
              + Layout.MOST_BYTES
              + " is the limit: shorten the list of shells, of variables or of dropped"
              + " capabilities, or the paths");
    }
    ByteBuffer file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    elfHeader(file, sections);
    segment(file, PT_LOAD, PF_R | PF_X, Layout.CODE, Layout.CODE_ADDRESS, interpreter.size(), PAGE);
    segment(file, PT_LOAD, PF_R, Layout.HEADER, Layout.DATA_ADDRESS, end - Layout.HEADER, PAGE);
    segment(file, PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 16);
    file.put(Layout.CODE, interpreter.bytes());
    header(file, table, constants, planText, text.length);
    file.position(Layout.TABLE);
    table.entries().forEach(entry -> entry.withDataMovedBy(constants).putInto(file));
    file.put(table.constants()).put(text).put(Constants.ascii(SECTION_NAMES));
    file.position(sections + SECTION_HEADER);
    section(file, 1, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, Layout.CODE, interpreter.size());
    section(file, 7, SHT_STRTAB, 0, names, SECTION_NAMES.length());
    return file.array();
  }

  private void elfHeader(ByteBuffer file, int sections) {
    file.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
    file.putShort((short) 2); // ET_EXEC: at fixed addresses, so that nothing is relocated
    file.putShort((short) interpreter.elfMachine());
    file.putInt(1);
    file.putLong(Layout.CODE_ADDRESS + Layout.CODE);
    file.putLong(ELF_HEADER);
    file.putLong(sections);
    file.putInt(0);
    file.putShort((short) ELF_HEADER).putShort((short) PROGRAM_HEADER).putShort((short) 3);
    file.putShort((short) SECTION_HEADER).putShort((short) 3).putShort((short) 2);
  }

  private static void segment(
      ByteBuffer file, int type, int flags, int offset, long address, int size, int align) {
    long at = address == 0 ? 0 : address + offset;
    file.putInt(type).putInt(flags).putLong(offset).putLong(at).putLong(at);
    file.putLong(size).putLong(size).putLong(align);
  }

  private static void section(
      ByteBuffer file, int name, int type, int flags, int offset, int size) {
    long address = flags == 0 ? 0 : Layout.CODE_ADDRESS + offset;
    file.putInt(name).putInt(type).putLong(flags).putLong(address);
    file.putLong(offset).putLong(size).putInt(0).putInt(0).putLong(1).putLong(0);
  }

  private void header(ByteBuffer file, Table table, int constants, int text, int textBytes) {
    int at = Layout.HEADER;
    file.put(at, Constants.ascii(Layout.MAGIC));
    file.putShort(at + Layout.AT_VERSION, (short) Layout.VERSION);
    file.putShort(at + Layout.AT_MACHINE, (short) interpreter.elfMachine());
    file.putShort(at + Layout.AT_ENTRIES, (short) table.entries().size());
    file.putShort(at + Layout.AT_CODE_BYTES, (short) interpreter.size());
    file.putInt(at + Layout.AT_CONSTANTS, constants);
    file.putInt(at + Layout.AT_CONSTANTS_BYTES, table.constants().length);
    file.putInt(at + Layout.AT_PLAN, text);
    file.putInt(at + Layout.AT_PLAN_BYTES, textBytes);
    file.put(at + Layout.AT_DIGEST, plan.digest().bytes());
  }
}
