// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.tree;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * Adds one layer of an image to a tree: a whiteout takes away what the layers below have at its
 * path, and nothing of its own layer (image specification of the Open Container Initiative, "Image
 * Layer Filesystem Changeset"). For one thread.
 */
public final class LayerWriter {
  private static final OsString WHITEOUT = OsString.of(".wh.");
  private static final OsString OPAQUE = OsString.of(".wh..wh..opq");
  private static final OsString OF_AUFS = OsString.of(".wh..wh.");

  private final TreeWriter tree;
  private final boolean lowest;
  private final Set<ImagePath> own = new HashSet<>();

  /**
   * Creates a writer of one layer.
   *
   * @param lowest whether there is no layer below
   */
  public LayerWriter(TreeWriter tree, boolean lowest) {
    this.tree = tree;
    this.lowest = lowest;
    own.add(ImagePath.ROOT);
  }

  /**
   * Adds an entry of the layer.
   *
   * @throws IOException as {@link TreeWriter#add}
   */
  public void add(TreeEntry entry, EntryContent content) throws IOException {
    ImagePath path = entry.path();
    OsString name = path.isRoot() ? OsString.of("") : path.value().baseName();
    if (!name.startsWith(WHITEOUT)) {
      if (!lowest) {
        keep(path);
      }
      tree.add(entry, content);
    } else if (name.equals(OPAQUE)) {
      hideContent(OpenDirectories.parent(path));
    } else if (!name.startsWith(OF_AUFS)) {
      hide(path, name.slice(WHITEOUT.length(), name.length()));
    }
  }

  private void keep(ImagePath path) {
    ImagePath kept = path;
    while (own.add(kept)) {
      kept = OpenDirectories.parent(kept);
    }
  }

  private void hide(ImagePath whiteout, OsString name) throws IOException {
    if (name.isEmpty() || name.equals(OsString.of(".")) || name.equals(OsString.of(".."))) {
      throw new SourceException("a whiteout without a name: " + whiteout);
    }
    if (!lowest) {
      tree.remove(OpenDirectories.parent(whiteout).resolve(name), own::contains);
    }
  }

  private void hideContent(ImagePath directory) throws IOException {
    if (!lowest) {
      keep(directory);
      tree.remove(directory, own::contains);
    }
  }
}
