// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.elf;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A loader or shared library that was found in a system tree.
 *
 * <p>Immutable and thread-safe.
 *
 * @param name what the program or library asked for, from {@code DT_NEEDED} or {@code PT_INTERP};
 *     not null
 * @param path where it was found, absolute in the tree, with symbolic links as ld.so(8) would show
 *     it; not null
 * @param file the file itself, with all symbolic links resolved inside the tree; not null
 */
public record Library(String name, String path, Path file) {
  /**
   * Checks the components.
   *
   * @throws NullPointerException if a component is null
   */
  public Library {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(file, "file");
  }
}
