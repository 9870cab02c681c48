// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.nio.ByteBuffer;

/**
 * The width of addresses and offsets in an ELF file: {@code EI_CLASS} (elf(5), gABI "ELF
 * Identification").
 *
 * <p>Immutable and thread-safe.
 */
public enum ElfClass {
  /** Addresses and offsets of 32 bits. */
  ELFCLASS32(32),
  /** Addresses and offsets of 64 bits. */
  ELFCLASS64(64);

  private final int bits;

  ElfClass(int bits) {
    this.bits = bits;
  }

  /**
   * Returns the width of an address.
   *
   * @return 32 or 64, in bits
   */
  public int bits() {
    return bits;
  }

  /** Returns the size in bytes of Elf32_Addr or Elf64_Addr. */
  int addressSize() {
    return bits / Byte.SIZE;
  }

  /** Chooses between the two values of a layout. */
  int pick(int in32, int in64) {
    return this == ELFCLASS32 ? in32 : in64;
  }

  /**
   * Reads an address, offset or size at an index of the buffer; 32-bit values are zero-extended.
   */
  long word(ByteBuffer buffer, int index) {
    return this == ELFCLASS32
        ? Integer.toUnsignedLong(buffer.getInt(index))
        : buffer.getLong(index);
  }
}
