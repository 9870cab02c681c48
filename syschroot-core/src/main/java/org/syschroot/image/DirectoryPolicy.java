// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What to do when the caller's current directory is missing in the image. */
public enum DirectoryPolicy {
  /** Refuse to switch. */
  SAME_OR_FAIL,
  /** Go to the directory in {@code $HOME}, with a line on standard error. */
  HOME,
  /** Go to the root directory, with a line on standard error. */
  ROOT;

  /** Returns the policy of a name in the configuration, such as {@code same-or-fail}. */
  public static Optional<DirectoryPolicy> of(String name) {
    for (DirectoryPolicy policy : values()) {
      if (policy.toString().equals(name)) {
        return Optional.of(policy);
      }
    }
    return Optional.empty();
  }

  /** Returns the names that {@link #of} knows, for messages. */
  public static String names() {
    return Arrays.stream(values())
        .map(name -> "\"" + name + "\"")
        .collect(Collectors.joining(", "));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
