// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

/**
 * The processor an ELF file was built for: {@code e_machine} (elf(5), gABI "ELF Header", and {@code
 * linux/elf-em.h}).
 *
 * <p>A number that has no constant here is {@link #OTHER}; {@link ElfFile#machineNumber()} keeps
 * it. Immutable and thread-safe.
 */
public enum ElfMachine {
  /** SPARC, 32 bits. */
  EM_SPARC(2),
  /** Intel 80386 and later, 32 bits. */
  EM_386(3),
  /** Motorola 68000. */
  EM_68K(4),
  /** MIPS, all widths and byte orders. */
  EM_MIPS(8),
  /** HP PA-RISC. */
  EM_PARISC(15),
  /** SPARC with the v8plus extensions, 32 bits. */
  EM_SPARC32PLUS(18),
  /** PowerPC, 32 bits. */
  EM_PPC(20),
  /** PowerPC, 64 bits. */
  EM_PPC64(21),
  /** IBM S/390, 31 and 64 bits. */
  EM_S390(22),
  /** Arm, 32 bits. */
  EM_ARM(40),
  /** Hitachi SuperH. */
  EM_SH(42),
  /** SPARC v9, 64 bits. */
  EM_SPARCV9(43),
  /** Intel Itanium. */
  EM_IA_64(50),
  /** AMD x86-64; with {@link ElfClass#ELFCLASS32} it is the x32 ABI. */
  EM_X86_64(62),
  /** OpenRISC. */
  EM_OPENRISC(92),
  /** Tensilica Xtensa. */
  EM_XTENSA(94),
  /** Altera Nios II. */
  EM_ALTERA_NIOS2(113),
  /** Qualcomm Hexagon. */
  EM_HEXAGON(164),
  /** Arm, 64 bits. */
  EM_AARCH64(183),
  /** Xilinx MicroBlaze. */
  EM_MICROBLAZE(189),
  /** Synopsys ARCv2. */
  EM_ARCV2(195),
  /** RISC-V, 32 and 64 bits. */
  EM_RISCV(243),
  /** Linux BPF. */
  EM_BPF(247),
  /** C-SKY. */
  EM_CSKY(252),
  /** LoongArch, 32 and 64 bits. */
  EM_LOONGARCH(258),
  /** DEC Alpha; the number Linux uses, not the one of the gABI. */
  EM_ALPHA(0x9026),
  /** A processor that has no constant here. */
  OTHER(-1);

  private final int number;

  ElfMachine(int number) {
    this.number = number;
  }

  /**
   * Returns the value of {@code e_machine}.
   *
   * @return 0 to 65535, or -1 for {@link #OTHER}
   */
  public int number() {
    return number;
  }

  /**
   * Finds the processor with a number.
   *
   * @param number a value of {@code e_machine}
   * @return the constant with that number, {@link #OTHER} when there is none; never null
   */
  public static ElfMachine of(int number) {
    for (ElfMachine machine : values()) {
      if (machine.number == number) {
        return machine;
      }
    }
    return OTHER;
  }
}
