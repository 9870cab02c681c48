// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.nio.file.Path;

/** Something to make in an image. Immutable. */
sealed interface ImageEntry {
  /** Returns the place in the image: absolute, beneath directories only. */
  Path path();

  /**
   * A directory.
   *
   * @param mode permission bits of chmod(2)
   */
  record Directory(Path path, int mode) implements ImageEntry {}

  /**
   * A symbolic link.
   *
   * @param text where it leads, as it is on the host
   */
  record SymbolicLink(Path path, Path text) implements ImageEntry {}

  /**
   * A copy of a regular file.
   *
   * @param source the file on the host, without symbolic links
   * @param mode permission bits of chmod(2)
   */
  record RegularFile(Path path, Path source, int mode) implements ImageEntry {}
}
