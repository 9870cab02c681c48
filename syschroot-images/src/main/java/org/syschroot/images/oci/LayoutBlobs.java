// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.syschroot.images.tree.SourceException;

/** The blobs of a directory (image specification, "OCI Image Layout"). */
final class LayoutBlobs implements BlobStore {
  private final Path directory;

  LayoutBlobs(Path directory) {
    this.directory = directory;
  }

  BlobReference index(String name) throws IOException {
    Path index = directory.resolve("index.json");
    if (!Files.isRegularFile(index)) {
      throw new SourceException("not an OCI directory: it has no file index.json");
    }
    try (InputStream in = Files.newInputStream(index)) {
      byte[] text = in.readNBytes(JsonText.LONGEST);
      return ManifestChoice.byName(JsonText.object(text, "index.json"), name);
    }
  }

  @Override
  public InputStream open(BlobReference blob) throws IOException {
    Path file =
        directory.resolve("blobs").resolve(blob.digest().algorithm()).resolve(blob.digest().hex());
    if (!Files.isRegularFile(file)) { // opening a FIFO would wait
      throw new SourceException("damaged: " + blob.digest() + " is missing");
    }
    return Files.newInputStream(file);
  }

  @Override
  public void close() {}
}
