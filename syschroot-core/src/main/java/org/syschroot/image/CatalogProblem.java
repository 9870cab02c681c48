// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.Set;

/**
 * A reason why a catalog lacks an image, or does not answer to a name. Immutable.
 *
 * @param names the names, aliases and commands that select nothing because of it, as far as they
 *     are known; copied; not null
 * @param message {@code FILE:LINE:COLUMN: what is wrong and what is allowed}; not null
 */
public record CatalogProblem(Set<String> names, String message) {
  /** Copies the names. */
  public CatalogProblem {
    names = Set.copyOf(names);
  }

  @Override
  public String toString() {
    return message;
  }
}
