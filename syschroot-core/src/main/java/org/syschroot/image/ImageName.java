// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.regex.Pattern;

/**
 * The name of an image. The grammar keeps it harmless in file names, messages and scripts
 * (schroot's CVE-2022-2787 was a strange name). Immutable.
 *
 * @param value the name, matching {@code [A-Za-z0-9][A-Za-z0-9._-]*}
 */
public record ImageName(String value) implements Comparable<ImageName> {
  private static final Pattern GRAMMAR = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");

  /**
   * Checks the grammar.
   *
   * @throws IllegalArgumentException if the name does not match it
   */
  public ImageName {
    if (!GRAMMAR.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "\""
              + value
              + "\" is not an image name: letters, digits, \".\", \"_\" and \"-\" are"
              + " allowed, and it begins with a letter or digit");
    }
  }

  @Override
  public int compareTo(ImageName other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
