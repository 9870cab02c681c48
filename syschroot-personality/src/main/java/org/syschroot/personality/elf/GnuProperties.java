// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The array of properties in NT_GNU_PROPERTY_TYPE_0 (Linux gABI extensions, x86-64 psABI). */
final class GnuProperties {
  // 0xc0000000 to 0xdfffffff mean something else on every processor.
  private static final int GNU_PROPERTY_X86_ISA_1_NEEDED = 0xc0008002;
  private static final int PROPERTY_HEADER = 8;

  private GnuProperties() {}

  static Optional<X86IsaLevel> x86IsaNeeded(
      ElfInput input, ElfHeader header, ByteBuffer desc, long offset) throws IOException {
    ElfMachine machine = ElfMachine.of(header.machineNumber());
    boolean x86 = machine == ElfMachine.EM_X86_64 || machine == ElfMachine.EM_386;
    int align = header.elfClass().addressSize();
    long at = 0;
    while (at + PROPERTY_HEADER <= desc.limit()) {
      int type = desc.getInt((int) at);
      long size = Integer.toUnsignedLong(desc.getInt((int) at + 4));
      long data = at + PROPERTY_HEADER;
      if (size > desc.limit() - data) {
        throw input.malformed(offset + at, "GNU property runs past the end of its note");
      }
      if (x86 && type == GNU_PROPERTY_X86_ISA_1_NEEDED) {
        if (size != Integer.BYTES) {
          throw input.malformed(
              offset + at, "GNU_PROPERTY_X86_ISA_1_NEEDED has " + size + " bytes");
        }
        return X86IsaLevel.highestOf(desc.getInt((int) data));
      }
      at = (data + size + align - 1) & -align;
    }
    return Optional.empty();
  }
}
