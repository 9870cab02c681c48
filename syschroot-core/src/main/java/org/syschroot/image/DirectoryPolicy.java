// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Policy for a working directory of the caller that is missing in the image, or that is another
 * directory there. A command is never run in another directory than the one it was meant for:
 * {@link #HOME} and {@link #ROOT} serve shells without a command only.
 */
public enum DirectoryPolicy {
  /** Refuse if it is missing, and if another directory has its pathname. */
  SAME,
  /** Refuse if it is missing. */
  SAME_OR_FAIL,
  /** Start a shell in {@code $HOME} if it is missing, with a line on standard error. */
  HOME,
  /** Start a shell in the root directory if it is missing, with a line on standard error. */
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
