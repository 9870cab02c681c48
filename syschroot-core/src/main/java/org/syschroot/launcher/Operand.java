// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Kernel;

/**
 * An operand of an entry: a word of the frame plus a constant. In the file four bytes, the constant
 * in the upper 27 bits and the word in the lower five. Immutable.
 *
 * @param base the word
 * @param offset the constant
 */
public record Operand(Base base, int offset) {
  // What most entries are made of; a WORD is the address of what has its name.
  static final Operand ZERO = number(0);
  static final Operand ALL_BITS = number(-1);
  static final Operand AT_FDCWD = number(Kernel.AT_FDCWD);
  static final Operand ARGV = new Operand(Base.ARGV, 0);
  static final Operand ENVP = new Operand(Base.ENVP, 0);
  static final Operand RESULT = new Operand(Base.RESULT, 0);
  static final Operand RESULT_WORD = new Operand(Base.FRAME, Base.RESULT.inFrame());
  static final Operand SLOT = new Operand(Base.SLOT, 0);
  static final Operand TEXT = new Operand(Base.TEXT, 0);
  static final Operand LENGTH = new Operand(Base.LENGTH, 0);
  static final Operand STATUS_WORD = new Operand(Base.FRAME, Base.STATUS.inFrame());
  static final Operand KEPT = new Operand(Base.KEPT, 0);
  static final Operand KEPT_WORD = new Operand(Base.FRAME, Base.KEPT.inFrame());
  static final Operand FOURTH = new Operand(Base.FRAME, Base.FOURTH.inFrame());
  static final Operand TREE = new Operand(Base.TREE, 0);
  static final Operand TREE_WORD = new Operand(Base.FRAME, Base.TREE.inFrame());
  static final Operand TARGET = new Operand(Base.TARGET, 0);
  static final Operand TARGET_WORD = new Operand(Base.FRAME, Base.TARGET.inFrame());
  static final Operand VECTOR = new Operand(Base.FRAME, Base.VECTOR);
  static final Operand UNWRITABLE = new Operand(Base.FRAME, Base.UNWRITABLE);

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

  // Those of a record are made at run time, which is some ten milliseconds of each start of a JVM.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Operand operand && base == operand.base && offset == operand.offset;
  }

  @Override
  public int hashCode() {
    return word();
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
