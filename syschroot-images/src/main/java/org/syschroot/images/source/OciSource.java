// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.source;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.syschroot.images.oci.ImageConfig;
import org.syschroot.images.oci.OciImage;
import org.syschroot.images.tree.TreeLosses;
import org.syschroot.images.tree.TreeWriter;

/** An image in layers. */
final class OciSource implements ImageSource {
  private final OciImage image;

  OciSource(OciImage image) {
    this.image = image;
  }

  @Override
  public Optional<ImageConfig> config() {
    return Optional.of(image.config());
  }

  @Override
  public Optional<String> digest() {
    return Optional.of(image.digest().toString());
  }

  @Override
  public void writeTo(TreeWriter tree, TreeLosses losses, Consumer<String> progress)
      throws IOException {
    image.writeTo(tree, progress);
  }

  @Override
  public void close() throws IOException {
    image.close();
  }
}
