// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

/**
 * The kind of an ELF file: {@code e_type} (elf(5), gABI "ELF Header").
 *
 * <p>Immutable and thread-safe.
 */
public enum ElfType {
  /** Relocatable object, as compilers write it; kernel modules too. */
  ET_REL,
  /** Program for fixed addresses. */
  ET_EXEC,
  /** Shared object, or program that can be loaded at any address. */
  ET_DYN,
  /** Memory of a process that died. */
  ET_CORE,
  /** Any other number, {@code ET_NONE} among them. */
  OTHER;

  static ElfType of(int number) {
    return switch (number) {
      case 1 -> ET_REL;
      case 2 -> ET_EXEC;
      case 3 -> ET_DYN;
      case 4 -> ET_CORE;
      default -> OTHER;
    };
  }
}
