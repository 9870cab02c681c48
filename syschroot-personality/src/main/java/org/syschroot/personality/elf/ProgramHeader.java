// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An entry of the program header table, Elf32_Phdr or Elf64_Phdr (elf(5)). Immutable and
 * thread-safe.
 *
 * @param type p_type
 * @param offset p_offset, unsigned
 * @param address p_vaddr, unsigned
 * @param fileSize p_filesz in bytes, unsigned
 * @param alignment p_align in bytes, unsigned
 */
record ProgramHeader(int type, long offset, long address, long fileSize, long alignment) {
  static final int PT_LOAD = 1;
  static final int PT_DYNAMIC = 2;
  static final int PT_INTERP = 3;
  static final int PT_NOTE = 4;

  private static final int PN_XNUM = 0xffff;
  private static final int MAX_SEGMENTS = 1 << 16;

  static List<ProgramHeader> readAll(ElfInput input, ElfHeader header) throws IOException {
    long count = header.programHeaderCount();
    if (count == PN_XNUM && header.sectionHeaders() != 0) {
      count = SectionHeader.readFirst(input, header).info();
    }
    if (count == 0) {
      return List.of();
    }
    int entry = header.elfClass().pick(32, 56);
    // The kernel and ld.so refuse other sizes too.
    if (header.programHeaderSize() != entry) {
      throw input.malformed(
          header.elfClass().pick(42, 54),
          "e_phentsize is " + header.programHeaderSize() + ", not " + entry);
    }
    if (count > MAX_SEGMENTS) {
      throw input.malformed(
          header.programHeaders(), count + " segments are over the limit of " + MAX_SEGMENTS);
    }
    ByteBuffer table = input.read(header.programHeaders(), count * entry, "program header table");
    List<ProgramHeader> headers = new ArrayList<>((int) count);
    for (int i = 0; i < count; i++) {
      headers.add(parse(table, i * entry, header.elfClass()));
    }
    return headers;
  }

  private static ProgramHeader parse(ByteBuffer table, int index, ElfClass elfClass) {
    return new ProgramHeader(
        table.getInt(index),
        elfClass.word(table, index + elfClass.pick(4, 8)),
        elfClass.word(table, index + elfClass.pick(8, 16)),
        elfClass.word(table, index + elfClass.pick(16, 32)),
        elfClass.word(table, index + elfClass.pick(28, 48)));
  }

  /**
   * Finds the first entry of a type that has bytes in the file. Separate debug files keep the
   * entries but not the bytes; what they describe counts as absent.
   */
  static Optional<ProgramHeader> first(List<ProgramHeader> headers, int type) {
    return headers.stream().filter(h -> h.type() == type && h.fileSize() != 0).findFirst();
  }

  /** Says whether the bytes of the file at this segment are loaded at an address. */
  boolean contains(long wanted) {
    return Long.compareUnsigned(wanted - address, fileSize) < 0
        && Long.compareUnsigned(wanted, address) >= 0;
  }
}
