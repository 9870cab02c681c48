// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.syschroot.path.OsString;

/**
 * What an image changes in the environment of its commands. Immutable; keeps the order given.
 *
 * @param set variables to set, by name
 * @param unset names of variables to remove
 */
public record EnvironmentChanges(Map<OsString, OsString> set, Set<OsString> unset) {
  /** No change. */
  public static final EnvironmentChanges NONE = new EnvironmentChanges(Map.of(), Set.of());

  /**
   * Copies the collections.
   *
   * @throws IllegalArgumentException if a name is empty or contains {@code =}
   */
  public EnvironmentChanges {
    set = Collections.unmodifiableMap(new LinkedHashMap<>(set));
    unset = Collections.unmodifiableSet(new LinkedHashSet<>(unset));
    for (OsString name : set.keySet()) {
      checkName(name);
    }
    for (OsString name : unset) {
      checkName(name);
    }
  }

  private static void checkName(OsString name) {
    if (name.isEmpty() || name.indexOf('=') >= 0) {
      throw new IllegalArgumentException(
          "\"" + name + "\" is not the name of a variable: it must not be empty or contain \"=\"");
    }
  }
}
