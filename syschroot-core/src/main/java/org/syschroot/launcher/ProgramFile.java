// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.syschroot.kernel.Machine;

/**
 * A static ELF file of the constant {@link Interpreter}, a {@link Table}, and a text that says what
 * the table is for.
 */
final class ProgramFile {
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
  private final Table table;
  private final byte[] text;

  ProgramFile(Machine machine, Table table, byte[] text) {
    this.interpreter = Interpreter.of(machine);
    this.table = table;
    this.text = text.clone();
  }

  /**
   * Returns the bytes of the file.
   *
   * @param digest the digest of the text
   */
  byte[] bytes(Digest digest) throws LauncherException {
    int operands = (Layout.table(interpreter) + EntryFormat.bytes(table.entries()) + 3) & -4;
    int constants = operands + EntryFormat.operands(table.entries()).size() * Integer.BYTES;
    int planText = constants + table.constants().length;
    int end = planText + text.length;
    int names = end;
    int sections = (names + SECTION_NAMES.length() + 7) & -8;
    int size = sections + 3 * SECTION_HEADER;
    List<TableEntry> entries =
        table.entries().stream().map(entry -> entry.withDataMovedBy(constants)).toList();
    List<Operand> pool = EntryFormat.operands(entries);
    ByteBuffer file = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    elfHeader(file, sections);
    segment(file, PT_LOAD, PF_R | PF_X, Layout.CODE, Layout.CODE_ADDRESS, interpreter.size(), PAGE);
    segment(file, PT_LOAD, PF_R, Layout.HEADER, Layout.DATA_ADDRESS, end - Layout.HEADER, PAGE);
    segment(file, PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 16);
    file.put(Layout.CODE, interpreter.bytes());
    header(file, pool.size(), operands, constants, planText, digest);
    file.position(Layout.table(interpreter));
    EntryFormat.put(file, entries, pool);
    file.position(operands);
    pool.forEach(operand -> file.putInt(operand.word()));
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

  private void header(
      ByteBuffer file, int pool, int operands, int constants, int planText, Digest digest) {
    int at = Layout.HEADER;
    file.put(at, Constants.ascii(Layout.MAGIC));
    file.putShort(at + Layout.AT_VERSION, (short) Layout.VERSION);
    file.putShort(at + Layout.AT_MACHINE, (short) interpreter.elfMachine());
    file.putShort(at + Layout.AT_ENTRIES, (short) table.entries().size());
    file.putShort(at + Layout.AT_CODE_BYTES, (short) interpreter.size());
    file.putInt(at + Layout.AT_CONSTANTS, constants);
    file.putInt(at + Layout.AT_CONSTANTS_BYTES, table.constants().length);
    file.putInt(at + Layout.AT_PLAN, planText);
    file.putInt(at + Layout.AT_PLAN_BYTES, text.length);
    file.putInt(at + Layout.AT_OPERANDS, operands);
    file.putInt(at + Layout.AT_OPERANDS_COUNT, pool);
    file.put(at + Layout.AT_DIGEST, digest.bytes());
  }
}
