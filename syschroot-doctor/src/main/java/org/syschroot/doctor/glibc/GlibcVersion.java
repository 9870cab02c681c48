// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.glibc;

import java.util.Comparator;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A release of the GNU C library, such as 2.36; a third number is ignored. Immutable.
 *
 * @param major the first number
 * @param minor the second number
 */
public record GlibcVersion(int major, int minor) implements Comparable<GlibcVersion> {
  private static final Pattern TEXT = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})(?!\\d).*");

  /** Reads a version such as {@code 2.36} or {@code 2.36-9+deb12u14}. */
  public static Optional<GlibcVersion> parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    return matcher.matches()
        ? Optional.of(
            new GlibcVersion(
                Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : Optional.empty();
  }

  static GlibcVersion of(String text) {
    return parse(text).orElseThrow(() -> new IllegalArgumentException(text));
  }

  /** Returns whether this is an older release. */
  public boolean isBefore(int otherMajor, int otherMinor) {
    return compareTo(new GlibcVersion(otherMajor, otherMinor)) < 0;
  }

  @Override
  public int compareTo(GlibcVersion other) {
    return Comparator.comparingInt(GlibcVersion::major)
        .thenComparingInt(GlibcVersion::minor)
        .compare(this, other);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
