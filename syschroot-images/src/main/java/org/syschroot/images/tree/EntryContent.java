// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.tree;

import java.io.IOException;

/** The content of a regular file. */
@FunctionalInterface
public interface EntryContent {
  /** No content. */
  EntryContent NONE = file -> {};

  /**
   * Writes the content into a new, empty file.
   *
   * @throws IOException if the content cannot be read, or cannot be written
   */
  void writeTo(FileSink file) throws IOException;
}
