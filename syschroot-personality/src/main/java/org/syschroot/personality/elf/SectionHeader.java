// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * An entry of the section header table, Elf32_Shdr or Elf64_Shdr (elf(5)). Immutable and
 * thread-safe.
 *
 * @param type sh_type
 * @param offset sh_offset, unsigned
 * @param size sh_size in bytes, unsigned
 * @param info sh_info, unsigned
 * @param alignment sh_addralign in bytes, unsigned
 */
record SectionHeader(int type, long offset, long size, long info, long alignment) {
  static final int SHT_NOTE = 7;
  // Objects with a section per function reach some ten thousand.
  private static final int MAX_SECTIONS = 1 << 17;
  private static final int BLOCK = 512;

  /** Reads the entries of type SHT_NOTE, the only ones this package needs. */
  static List<SectionHeader> readNotes(ElfInput input, ElfHeader header) throws IOException {
    List<SectionHeader> notes = new ArrayList<>();
    if (header.sectionHeaders() == 0) {
      return notes;
    }
    long count = header.sectionHeaderCount();
    if (count == 0) {
      // gABI extended numbering: from SHN_LORESERVE (0xff00) sections on, entry 0 has the count.
      count = readFirst(input, header).size();
    }
    if (count < 0 || count > MAX_SECTIONS) {
      throw input.malformed(
          header.sectionHeaders(),
          Long.toUnsignedString(count) + " sections are over the limit of " + MAX_SECTIONS);
    }
    checkEntrySize(input, header);
    int entry = header.sectionHeaderSize();
    for (long first = 0; first < count; first += BLOCK) {
      int inBlock = (int) Math.min(BLOCK, count - first);
      long offset = addChecked(input, header.sectionHeaders(), first * entry);
      ByteBuffer block = input.read(offset, (long) inBlock * entry, "section header table");
      for (int i = 0; i < inBlock; i++) {
        SectionHeader section = parse(block, i * entry, header.elfClass());
        if (section.type() == SHT_NOTE) {
          notes.add(section);
        }
      }
    }
    return notes;
  }

  /** Reads entry 0, which holds counts that do not fit in the ELF header. */
  static SectionHeader readFirst(ElfInput input, ElfHeader header) throws IOException {
    checkEntrySize(input, header);
    ByteBuffer entry =
        input.read(header.sectionHeaders(), header.sectionHeaderSize(), "section header 0");
    return parse(entry, 0, header.elfClass());
  }

  private static SectionHeader parse(ByteBuffer table, int index, ElfClass elfClass) {
    return new SectionHeader(
        table.getInt(index + 4),
        elfClass.word(table, index + elfClass.pick(16, 24)),
        elfClass.word(table, index + elfClass.pick(20, 32)),
        Integer.toUnsignedLong(table.getInt(index + elfClass.pick(28, 44))),
        elfClass.word(table, index + elfClass.pick(32, 48)));
  }

  private static void checkEntrySize(ElfInput input, ElfHeader header) throws IOException {
    int expected = header.elfClass().pick(40, 64);
    if (header.sectionHeaderSize() != expected) {
      throw input.malformed(
          header.elfClass().pick(46, 58),
          "e_shentsize is " + header.sectionHeaderSize() + ", not " + expected);
    }
  }

  private static long addChecked(ElfInput input, long offset, long distance) throws IOException {
    // Both are checked against the file size later; only the sum must not wrap around to a
    // small number here.
    if (offset < 0 || offset > Long.MAX_VALUE - distance) {
      throw input.malformed(offset, "section header table is past the end of the file");
    }
    return offset + distance;
  }
}
