// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.source;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.syschroot.images.oci.ImageConfig;
import org.syschroot.images.tree.TreeLosses;
import org.syschroot.images.tree.TreeWriter;

/**
 * Files for a new image: opened, and known to be of a form that can be read. For one thread; {@link
 * SourceSpelling} opens one.
 */
public interface ImageSource extends AutoCloseable {
  /** Returns what the image says of itself; empty for a tree or an archive of one. */
  Optional<ImageConfig> config();

  /** Returns the digest by which exactly this image is known, such as {@code sha256:...}. */
  Optional<String> digest();

  /**
   * Puts the files into a tree.
   *
   * @param losses what is left out is counted there
   * @param progress is told what is going on, often
   * @throws IOException if the source is damaged or cannot be read, or a file cannot be made
   */
  void writeTo(TreeWriter tree, TreeLosses losses, Consumer<String> progress) throws IOException;

  @Override
  void close() throws IOException;
}
