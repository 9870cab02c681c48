// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.util.Objects;

/**
 * The operating system and oldest kernel a file was built for: the note {@code NT_GNU_ABI_TAG} in
 * {@code .note.ABI-tag} (elf(5), LSB "Note Section", {@code elf.h}).
 *
 * <p>Immutable and thread-safe.
 *
 * @param os operating system; not null
 * @param minimumKernel oldest kernel the file is meant to run on; not null
 */
public record AbiTag(Os os, KernelVersion minimumKernel) {

  /** The operating systems of {@code NT_GNU_ABI_TAG}. Immutable and thread-safe. */
  public enum Os {
    /** {@code ELF_NOTE_OS_LINUX}. */
    LINUX,
    /** {@code ELF_NOTE_OS_GNU}, the Hurd. */
    GNU,
    /** {@code ELF_NOTE_OS_SOLARIS2}. */
    SOLARIS2,
    /** {@code ELF_NOTE_OS_FREEBSD}. */
    FREEBSD,
    /** Any other number. */
    OTHER;

    static Os of(int number) {
      return switch (number) {
        case 0 -> LINUX;
        case 1 -> GNU;
        case 2 -> SOLARIS2;
        case 3 -> FREEBSD;
        default -> OTHER;
      };
    }
  }

  /**
   * Checks the components.
   *
   * @throws NullPointerException if a component is null
   */
  public AbiTag {
    Objects.requireNonNull(os, "os");
    Objects.requireNonNull(minimumKernel, "minimumKernel");
  }
}
