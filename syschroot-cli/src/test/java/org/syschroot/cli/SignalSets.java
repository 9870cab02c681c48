// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Sets of the 64 signals, of which one bit is one signal, as in /proc/PID/status. */
final class SignalSets {
  private SignalSets() {}

  /** Each signal by itself. */
  static final long[] SINGLE = LongStream.range(0, 64).map(signal -> 1L << signal).toArray();

  /** Of any two signals, one of these sets has the first only, and another the second only. */
  static final long[] APART =
      IntStream.range(0, 6)
          .mapToLong(
              digit ->
                  LongStream.of(SINGLE)
                      .filter(signal -> (Long.numberOfTrailingZeros(signal) >> digit & 1) != 0)
                      .reduce(0, (a, b) -> a | b))
          .flatMap(set -> LongStream.of(set, ~set))
          .toArray();
}
