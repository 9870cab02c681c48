// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;
import org.syschroot.images.tree.SourceException;

/** Where the blobs of images are. For one thread. */
interface BlobStore extends AutoCloseable {
  /**
   * Opens a blob; what is read is not checked yet.
   *
   * @throws SourceException if it is missing
   */
  InputStream open(BlobReference blob) throws IOException;

  /**
   * Is told which blobs are needed next, in the order in which they will be opened.
   *
   * @param progress is told how far that is
   */
  default void prepare(List<BlobReference> blobs, Consumer<String> progress) throws IOException {}

  /** Reads a small blob, checked. */
  default byte[] read(BlobReference blob) throws IOException {
    if (blob.size() > JsonText.LONGEST) {
      throw new SourceException("a manifest or configuration of " + blob.size() + " bytes");
    }
    try (InputStream in = new VerifiedStream(open(blob), blob.digest(), blob.size())) {
      return in.readAllBytes();
    }
  }

  @Override
  void close() throws IOException;
}
