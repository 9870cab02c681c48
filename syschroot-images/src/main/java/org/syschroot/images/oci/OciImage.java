// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.syschroot.images.archive.Compression;
import org.syschroot.images.archive.ReadAhead;
import org.syschroot.images.archive.TarReader;
import org.syschroot.images.tree.LayerWriter;
import org.syschroot.images.tree.SourceException;
import org.syschroot.images.tree.TreeEntry;
import org.syschroot.images.tree.TreeWriter;

/** An image in layers, whose manifest and configuration are read and checked. For one thread. */
public final class OciImage implements AutoCloseable {
  private static final int MOST_LAYERS = 1000;
  private static final int MOST_INDEXES = 4;
  private static final String NOT_A_LAYER = "encrypted";

  private final BlobStore store;
  private final ContentDigest digest;
  private final ImageConfig config;
  private final List<BlobReference> layers;
  private final boolean chosen;

  private OciImage(
      BlobStore store,
      ContentDigest digest,
      ImageConfig config,
      List<BlobReference> layers,
      boolean chosen) {
    this.store = store;
    this.digest = digest;
    this.config = config;
    this.layers = layers;
    this.chosen = chosen;
  }

  /**
   * Opens an image of a directory in the layout of the Open Container Initiative.
   *
   * @param name which image; empty for the only one
   * @throws SourceException if there is none, or it is damaged
   */
  public static OciImage ofLayout(Path directory, String name, Platform platform)
      throws IOException {
    return open(new LayoutBlobs(directory), layout -> layout.index(name), platform);
  }

  /** Opens an image of a layout in a tar archive, as {@link #ofLayout}. */
  public static OciImage ofLayoutArchive(Path file, String name, Platform platform)
      throws IOException {
    return open(new ArchiveBlobs(file), archive -> archive.index(name), platform);
  }

  /** Opens an image that {@code docker save} has written, as {@link #ofLayout}. */
  public static OciImage ofDockerArchive(Path file, String name, Platform platform)
      throws IOException {
    ArchiveBlobs archive = new ArchiveBlobs(file);
    try {
      DockerArchive image = DockerArchive.read(archive, name);
      return new OciImage(archive, image.digest(), image.config(), image.layers(), false);
    } catch (IOException | RuntimeException e) {
      archive.close();
      throw e;
    }
  }

  /** Opens an image of a registry, as {@link #ofLayout}; its layers are not loaded yet. */
  public static OciImage ofRegistry(RegistryReference image, Registry registry, Platform platform)
      throws IOException {
    RegistryBlobs blobs = new RegistryBlobs(registry, image);
    return open(blobs, RegistryBlobs::manifest, platform);
  }

  /** Finds the manifest, or an index of manifests, in a store. */
  interface Finder<S> {
    BlobReference in(S store) throws IOException;
  }

  private static <S extends BlobStore> OciImage open(S store, Finder<S> finder, Platform platform)
      throws IOException {
    try {
      BlobReference reference = finder.in(store);
      JsonObject manifest = JsonText.object(store.read(reference), "the manifest");
      boolean chosen = ManifestChoice.isIndex(manifest);
      for (int i = 0; ManifestChoice.isIndex(manifest); i++) {
        if (i == MOST_INDEXES) {
          throw new SourceException("damaged: nested indexes of manifests");
        }
        reference = ManifestChoice.byPlatform(manifest, platform);
        manifest = JsonText.object(store.read(reference), "the manifest");
      }
      return of(store, reference.digest(), manifest, chosen);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  private static OciImage of(
      BlobStore store, ContentDigest digest, JsonObject manifest, boolean chosen)
      throws IOException {
    JsonObject configuration =
        JsonText.object(manifest, "config")
            .orElseThrow(
                () ->
                    new SourceException(
                        "a manifest without a configuration: not an image, or in a format from"
                            + " before 2016"));
    ImageConfig config = ImageConfig.parse(store.read(BlobReference.of(configuration)));
    List<BlobReference> layers = new ArrayList<>();
    for (JsonObject layer : JsonText.objects(manifest, "layers")) {
      layers.add(BlobReference.of(layer));
    }
    if (layers.isEmpty() || layers.size() > MOST_LAYERS) {
      throw new SourceException("a manifest of " + layers.size() + " layers");
    }
    if (config.diffIds().size() != layers.size()) {
      throw new SourceException("damaged: manifest and configuration differ in their layers");
    }
    for (BlobReference layer : layers) {
      if (layer.mediaType().contains(NOT_A_LAYER)) {
        throw new SourceException("a layer of type " + layer.mediaType() + ", which is encrypted");
      }
    }
    return new OciImage(store, digest, config, List.copyOf(layers), chosen);
  }

  /**
   * Checks that the image is for a platform that the user has asked for, where there was no list of
   * platforms to choose from.
   *
   * @throws SourceException if it says that it is for another
   */
  public void requirePlatform(Platform wanted) throws SourceException {
    Platform own = config.platform();
    if (!chosen && !own.architecture().isEmpty() && !wanted.takes(own)) {
      throw new SourceException("the image is for " + own + ", not for " + wanted);
    }
  }

  /** Returns what the image says of itself. */
  public ImageConfig config() {
    return config;
  }

  /** Returns the digest of the manifest, by which exactly this image is known. */
  public ContentDigest digest() {
    return digest;
  }

  /** Returns the number of bytes of the layers, as they are stored. */
  public long size() {
    return layers.stream().mapToLong(BlobReference::size).sum();
  }

  /**
   * Puts the layers into a tree, the lowest first. What is compressed and what it is compressed
   * from are both checked by their digests.
   *
   * @throws IOException if a layer is missing or damaged, or a file cannot be made
   */
  public void writeTo(TreeWriter tree, Consumer<String> progress) throws IOException {
    store.prepare(layers, progress);
    for (int i = 0; i < layers.size(); i++) {
      progress.accept("unpacking layer " + (i + 1) + " of " + layers.size());
      writeLayer(i, tree);
    }
  }

  private void writeLayer(int number, TreeWriter tree) throws IOException {
    BlobReference layer = layers.get(number);
    LayerWriter writer = new LayerWriter(tree, number == 0);
    try (InputStream blob = store.open(layer)) {
      VerifiedStream stored = new VerifiedStream(blob, layer.digest(), layer.size());
      InputStream unpacked = Compression.open(stored);
      ContentDigest diffId = config.diffIds().get(number);
      boolean same = diffId.equals(layer.digest());
      InputStream checked =
          same ? unpacked : new VerifiedStream(unpacked, diffId, VerifiedStream.ANY_SIZE);
      try (ReadAhead in = new ReadAhead(new DrainedAtEnd(checked, stored))) {
        TarReader reader = TarReader.ofVerified(in);
        for (TreeEntry entry = reader.next(); entry != null; entry = reader.next()) {
          writer.add(entry, reader.content());
        }
      }
    } catch (SourceException e) {
      throw new SourceException("layer " + (number + 1) + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
