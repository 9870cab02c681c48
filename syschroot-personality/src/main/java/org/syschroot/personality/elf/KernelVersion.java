// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of a kernel, ordered by age.
 *
 * <p>Immutable and thread-safe.
 *
 * @param major first number, not negative
 * @param minor second number, not negative
 * @param patch third number, not negative; 0 when a release string has none
 */
public record KernelVersion(int major, int minor, int patch) implements Comparable<KernelVersion> {
  private static final Comparator<KernelVersion> ORDER =
      Comparator.comparingInt(KernelVersion::major)
          .thenComparingInt(KernelVersion::minor)
          .thenComparingInt(KernelVersion::patch);

  // Possessive, so that a number is taken whole or not at all.
  private static final Pattern RELEASE =
      Pattern.compile("(\\d++)(?:\\.(\\d++))?+(?:\\.(\\d++))?+(?:\\D.*)?", Pattern.DOTALL);
  private static final int MAX_DIGITS = 9; // so that no number overflows an int

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if a number is negative
   */
  public KernelVersion {
    if (major < 0 || minor < 0 || patch < 0) {
      throw new IllegalArgumentException(
          "negative number in a kernel version: " + major + "." + minor + "." + patch);
    }
  }

  /**
   * Reads the numbers at the start of a release string, such as {@code 6.18.44-fc-v769} (uname(2),
   * {@code uname -r}).
   *
   * <p>Missing numbers count as 0, and what follows the numbers is ignored, so {@code 6.1-rc3}
   * equals {@code 6.1.0}.
   *
   * @param release what uname(2) gives as {@code release}; not null
   * @return the version, empty when the string does not start with a number or when a number has
   *     more than nine digits; never null
   */
  public static Optional<KernelVersion> parse(String release) {
    Matcher matcher = RELEASE.matcher(release);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int[] numbers = new int[3];
    for (int i = 0; i < numbers.length; i++) {
      String digits = matcher.group(i + 1);
      if (digits != null && digits.length() > MAX_DIGITS) {
        return Optional.empty();
      }
      numbers[i] = digits == null ? 0 : Integer.parseInt(digits);
    }
    return Optional.of(new KernelVersion(numbers[0], numbers[1], numbers[2]));
  }

  /**
   * Compares by major, then minor, then patch number.
   *
   * @param other the version to compare with; not null
   * @return negative when this version is older, 0 when both are equal, positive when it is newer
   */
  @Override
  public int compareTo(KernelVersion other) {
    return ORDER.compare(this, other);
  }

  /**
   * Returns the three numbers joined by dots.
   *
   * @return for example {@code 3.2.0}; never null
   */
  @Override
  public String toString() {
    return major + "." + minor + "." + patch;
  }
}
