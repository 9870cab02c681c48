// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.Locale;

/**
 * An operand of an entry: a word of the frame plus a constant. In the file four bytes, the constant
 * in the upper 27 bits and the word in the lower five. Immutable.
 *
 * @param base the word
 * @param offset the constant
 */
public record Operand(Base base, int offset) {
  private static final int BASE_BITS = 5;
  static final int MOST = (1 << (31 - BASE_BITS)) - 1;

  /** Checks the range. */
  public Operand {
    if (offset > MOST || offset < -MOST - 1) {
      throw new IllegalArgumentException(offset + " does not fit into an operand");
    }
  }

  static Operand number(int number) {
    return new Operand(Base.ZERO, number);
  }

  int word() {
    return offset << BASE_BITS | base.ordinal();
  }

  static Operand of(int word) {
    int base = word & ((1 << BASE_BITS) - 1);
    if (base >= Base.values().length) {
      throw new IllegalArgumentException("an operand is relative to the unknown word " + base);
    }
    return new Operand(Base.values()[base], word >> BASE_BITS);
  }

  Operand plus(int further) {
    return new Operand(base, offset + further);
  }

  @Override
  public String toString() {
    if (base == Base.ZERO) {
      return Integer.toString(offset);
    }
    String name = base.name().toLowerCase(Locale.ROOT);
    return offset == 0 ? name : name + (offset < 0 ? "-" : "+") + Math.abs(offset);
  }
}
