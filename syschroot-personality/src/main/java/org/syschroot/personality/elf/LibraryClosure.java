// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Everything a program needs to be loaded, as {@link LibrarySearch} found it.
 *
 * <p>Immutable and thread-safe.
 *
 * @param loader the program interpreter, empty when the program has none or when it was not found;
 *     not null
 * @param libraries the libraries in the order ld.so(8) loads them, breadth first, without the
 *     loader; copied; not null
 * @param notFound names that at least one object asked for in vain, the path of a missing loader
 *     among them, in the order they were asked for; copied; not null
 */
public record LibraryClosure(
    Optional<Library> loader, List<Library> libraries, List<String> notFound) {
  /**
   * Copies the lists.
   *
   * @throws NullPointerException if a component or an element is null
   */
  public LibraryClosure {
    Objects.requireNonNull(loader, "loader");
    libraries = List.copyOf(libraries);
    notFound = List.copyOf(notFound);
  }

  /**
   * Says whether the loader and all libraries were found.
   *
   * @return true if {@link #notFound()} is empty
   */
  public boolean isComplete() {
    return notFound.isEmpty();
  }
}
