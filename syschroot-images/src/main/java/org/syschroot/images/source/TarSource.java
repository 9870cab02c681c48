// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.source;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.syschroot.images.archive.Compression;
import org.syschroot.images.archive.ReadAhead;
import org.syschroot.images.archive.TarReader;
import org.syschroot.images.oci.ImageConfig;
import org.syschroot.images.tree.SourceException;
import org.syschroot.images.tree.TreeEntry;
import org.syschroot.images.tree.TreeLosses;
import org.syschroot.images.tree.TreeWriter;

/** A tar archive of a tree, compressed or not. */
final class TarSource implements ImageSource {
  private final InputStream file;

  TarSource(Path path) throws IOException {
    file = Files.newInputStream(path);
  }

  @Override
  public Optional<ImageConfig> config() {
    return Optional.empty();
  }

  @Override
  public Optional<String> digest() {
    return Optional.empty();
  }

  @Override
  public void writeTo(TreeWriter tree, TreeLosses losses, Consumer<String> progress)
      throws IOException {
    progress.accept("unpacking");
    try (ReadAhead in = new ReadAhead(Compression.open(file))) {
      TarReader reader = new TarReader(in);
      for (TreeEntry entry = reader.next(); entry != null; entry = reader.next()) {
        tree.add(entry, reader.content());
      }
    }
    if (tree.entries() == 0) {
      throw new SourceException("the archive is empty");
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
