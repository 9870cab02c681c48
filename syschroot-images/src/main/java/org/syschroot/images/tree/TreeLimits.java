// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.tree;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How much a source may unpack to: a small archive can hold more than any disk. Immutable.
 *
 * @param entries the greatest number of files
 * @param bytes the greatest number of bytes of content, holes not counted
 */
public record TreeLimits(long entries, long bytes) {
  private static final long MOST_ENTRIES = 20_000_000;
  private static final int KEPT_FREE = 20; // a twentieth

  /**
   * Returns what fits into the filesystem of a directory, so that a twentieth of what is free there
   * stays free for others.
   */
  public static TreeLimits of(Path directory) throws IOException {
    long free = Files.getFileStore(directory).getUsableSpace();
    return new TreeLimits(MOST_ENTRIES, free - free / KEPT_FREE);
  }
}
