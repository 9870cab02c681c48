// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What the interpreter does by itself, without the kernel. */
public enum Action {
  /**
   * Looks in a NULL-terminated vector of strings for the first that begins with a text: {@code
   * find(vector, text, length)}. {@link Base#SLOT} is where it stopped, also if there is none.
   */
  FIND,
  /** Writes a word: {@code store(address, value)}. */
  STORE,
  /** Writes two words: {@code store2(address, value, value)}. */
  STORE2,
  /** Takes string number {@code -n} of a list, counted from 1: {@code pick(list, n)}. */
  PICK,
  /** Succeeds if both operands are equal: {@code same(a, b)}. */
  SAME,
  /** Succeeds if the first operand is less than the second, without signs: {@code less(a, b)}. */
  LESS,
  /**
   * Succeeds if 32 bits in memory, as far as a mask has them, are a value: {@code bits(address,
   * mask, value)}.
   */
  BITS,
  /** Succeeds if the words at two addresses are equal: {@code equal(address, address)}. */
  EQUAL,
  /** Writes a word that is read from an address: {@code copy(address, address)}. */
  COPY,
  /**
   * Writes the ten decimal digits of a number of 32 bits before an address: {@code decimal(address,
   * number)}.
   */
  DECIMAL,
  /**
   * Removes from a NULL-terminated vector of strings all that begin with a text: {@code
   * remove(vector, text, length)}.
   */
  REMOVE,
  /**
   * Writes a directory, a slash and a name to an address: {@code join(address, directory, name)}.
   * Fails if the name has a slash or more than 255 bytes.
   */
  JOIN;

  private static final int FIRST = 0x8000;

  /** Returns the number in the table, above all system calls. */
  int number() {
    return FIRST + ordinal();
  }

  static Optional<Action> of(int number) {
    return Arrays.stream(values()).filter(action -> action.number() == number).findFirst();
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
