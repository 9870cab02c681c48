// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whose users and groups an image has. */
public enum AccountSource {
  /** The image's own system accounts, and the people of the host. */
  MERGED,
  /** The host's, system accounts too. */
  NATIVE,
  /** The image's own. */
  IMAGE;

  /** Returns the source of a name in the configuration, such as {@code merged}. */
  public static Optional<AccountSource> of(String name) {
    return Arrays.stream(values()).filter(source -> source.toString().equals(name)).findFirst();
  }

  /** Returns the names that {@link #of} knows, for messages. */
  public static String names() {
    return Arrays.stream(values())
        .map(name -> "\"" + name + "\"")
        .collect(Collectors.joining(", "));
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
