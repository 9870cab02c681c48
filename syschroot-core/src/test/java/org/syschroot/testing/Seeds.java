// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;

/**
 * Random numbers for property tests, the same at every run. The name of a test shows its seed;
 * {@code -Dsyschroot.tests.seed=NUMBER} begins elsewhere.
 *
 * <pre>{@code
 * @ParameterizedTest
 * @MethodSource("org.syschroot.testing.Seeds#hundred")
 * void parse_anyText_...(SplittableRandom random) {
 * }</pre>
 */
public final class Seeds {
  /** The system property with the first seed. */
  public static final String PROPERTY = "syschroot.tests.seed";

  private static final long DEFAULT = 20261124;

  private Seeds() {}

  /** Returns streams of random numbers, each named by its seed. */
  public static Stream<Named<SplittableRandom>> streams(int count) {
    long first = Long.getLong(PROPERTY, DEFAULT);
    return LongStream.range(first, first + count)
        .mapToObj(seed -> Named.of("seed " + seed, new SplittableRandom(seed)));
  }

  /** Returns ten streams. */
  public static Stream<Named<SplittableRandom>> ten() {
    return streams(10);
  }

  /** Returns a hundred streams. */
  public static Stream<Named<SplittableRandom>> hundred() {
    return streams(100);
  }
}
