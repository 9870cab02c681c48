// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The ELF header, Elf32_Ehdr or Elf64_Ehdr (elf(5)). Immutable and thread-safe.
 *
 * @param machineNumber e_machine
 * @param programHeaders e_phoff, unsigned
 * @param programHeaderSize e_phentsize in bytes
 * @param programHeaderCount e_phnum
 * @param sectionHeaders e_shoff, unsigned
 * @param sectionHeaderSize e_shentsize in bytes
 * @param sectionHeaderCount e_shnum
 */
record ElfHeader(
    ElfClass elfClass,
    ByteOrder byteOrder,
    ElfType type,
    int machineNumber,
    long programHeaders,
    int programHeaderSize,
    int programHeaderCount,
    long sectionHeaders,
    int sectionHeaderSize,
    int sectionHeaderCount) {
  static final int MAGIC = 0x7f454c46; // "\177ELF", read in big-endian order
  private static final int EI_NIDENT = 16;
  private static final int EI_CLASS = 4;
  private static final int EI_DATA = 5;
  private static final int EI_VERSION = 6;

  static ElfHeader read(ElfInput input) throws IOException {
    // The magic first, so that a short text file is called "not ELF" rather than "truncated".
    if (input.size() < Integer.BYTES || input.read(0, Integer.BYTES, "magic").getInt(0) != MAGIC) {
      throw input.malformed(0, "not an ELF file: it does not start with \\177ELF");
    }
    ByteBuffer ident = input.read(0, EI_NIDENT, "e_ident");
    ElfClass elfClass =
        switch (ident.get(EI_CLASS)) {
          case 1 -> ElfClass.ELFCLASS32;
          case 2 -> ElfClass.ELFCLASS64;
          default -> throw unknown(input, ident, EI_CLASS, "EI_CLASS");
        };
    ByteOrder order =
        switch (ident.get(EI_DATA)) {
          case 1 -> ByteOrder.LITTLE_ENDIAN;
          case 2 -> ByteOrder.BIG_ENDIAN;
          default -> throw unknown(input, ident, EI_DATA, "EI_DATA");
        };
    if (ident.get(EI_VERSION) != 1) {
      throw unknown(input, ident, EI_VERSION, "EI_VERSION");
    }
    input.order(order);
    ByteBuffer header = input.read(0, elfClass.pick(52, 64), "ELF header");
    // After e_version come three addresses, then e_flags and e_ehsize; halves follow.
    int address = elfClass.addressSize();
    int halves = 24 + 3 * address + 6;
    return new ElfHeader(
        elfClass,
        order,
        ElfType.of(half(header, 16)),
        half(header, 18),
        elfClass.word(header, 24 + address),
        half(header, halves),
        half(header, halves + 2),
        elfClass.word(header, 24 + 2 * address),
        half(header, halves + 4),
        half(header, halves + 6));
  }

  private static int half(ByteBuffer buffer, int index) {
    return Short.toUnsignedInt(buffer.getShort(index));
  }

  private static ElfFormatException unknown(
      ElfInput input, ByteBuffer ident, int index, String field) {
    return input.malformed(index, "unknown " + field + " " + (ident.get(index) & 0xff));
  }
}
