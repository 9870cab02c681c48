// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.caller;

import java.util.ArrayList;
import java.util.List;

/**
 * What a process hands to its programs of its signal state, as bit sets: bit n-1 is signal n.
 * Handlers do not survive execve(2), so there is no more than this. Immutable.
 *
 * @param blocked the signal mask
 * @param ignored the signals that are ignored
 */
public record Signals(long blocked, long ignored) {
  /** Nothing blocked, nothing ignored. */
  public static final Signals NONE = new Signals(0, 0);

  /** Returns the numbers of the ignored signals, ascending. */
  public List<Integer> ignoredNumbers() {
    List<Integer> numbers = new ArrayList<>();
    for (int signal = 1; signal <= Long.SIZE; signal++) {
      if ((ignored & 1L << (signal - 1)) != 0) {
        numbers.add(signal);
      }
    }
    return List.copyOf(numbers);
  }
}
