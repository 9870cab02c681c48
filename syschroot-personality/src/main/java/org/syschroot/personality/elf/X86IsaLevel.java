// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.util.Optional;

/**
 * A micro-architecture level of x86-64, in rising order: the bits of {@code
 * GNU_PROPERTY_X86_ISA_1_NEEDED} (x86-64 psABI "Program Property" and "Micro-Architecture Levels").
 *
 * <p>Immutable and thread-safe.
 */
public enum X86IsaLevel {
  /** What every x86-64 processor has. */
  BASELINE,
  /** Up to SSE4.2 and POPCNT. */
  V2,
  /** Up to AVX2, BMI2 and FMA. */
  V3,
  /** Up to AVX-512 F, BW, CD, DQ and VL. */
  V4;

  /** Finds the highest level among the bits; bits above the known levels are ignored. */
  static Optional<X86IsaLevel> highestOf(int bits) {
    int known = bits & ((1 << values().length) - 1);
    return known == 0
        ? Optional.empty()
        : Optional.of(values()[Integer.SIZE - 1 - Integer.numberOfLeadingZeros(known)]);
  }
}
