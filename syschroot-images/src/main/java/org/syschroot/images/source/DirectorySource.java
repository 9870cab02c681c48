// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.source;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.syschroot.images.oci.ImageConfig;
import org.syschroot.images.tree.DirectoryTree;
import org.syschroot.images.tree.TreeLosses;
import org.syschroot.images.tree.TreeWriter;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.path.HostPath;

/** A directory, which is copied. */
final class DirectorySource implements ImageSource {
  private final DirectoryTree tree;

  DirectorySource(Path directory) throws IOException {
    tree = DirectoryTree.open(LinuxKernel.running(), HostPath.of(directory.toString()));
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
  public void writeTo(TreeWriter target, TreeLosses losses, Consumer<String> progress)
      throws IOException {
    progress.accept("copying files");
    tree.copyTo(target, losses);
  }

  @Override
  public void close() throws IOException {
    tree.close();
  }
}
