// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import org.syschroot.images.archive.Compression;
import org.syschroot.images.tree.SourceException;

/**
 * One image of an archive that {@code docker save} has written (moby, {@code image/tarexport}).
 * Immutable.
 *
 * @param digest of its configuration, which Docker calls the image ID
 * @param config its configuration
 * @param layers its layers, from the lowest
 */
record DockerArchive(ContentDigest digest, ImageConfig config, List<BlobReference> layers) {
  private static final String MANIFEST = "manifest.json";

  /**
   * Reads it.
   *
   * @param name a tag, or empty for the only image
   */
  static DockerArchive read(ArchiveBlobs archive, String name) throws IOException {
    if (!archive.has(MANIFEST)) {
      throw new SourceException("not a Docker archive: it has no file " + MANIFEST);
    }
    JsonObject image = choose(JsonText.parse(archive.small(MANIFEST), MANIFEST), name);
    String configuration = JsonText.required(image, "Config");
    byte[] text = archive.small(configuration);
    ContentDigest digest = ContentDigest.of(text);
    if (configuration.matches("(blobs/sha256/)?[0-9a-f]{64}(\\.json)?")
        && !configuration.contains(digest.hex())) {
      throw new SourceException("damaged: " + configuration + " has the digest " + digest);
    }
    ImageConfig config = ImageConfig.parse(text);
    List<String> names = JsonText.strings(image, "Layers");
    if (names.isEmpty() || names.size() != config.diffIds().size()) {
      throw new SourceException("damaged: manifest and configuration differ in their layers");
    }
    List<BlobReference> layers = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      layers.add(layer(archive, names.get(i), config.diffIds().get(i)));
    }
    return new DockerArchive(digest, config, List.copyOf(layers));
  }

  private static JsonObject choose(JsonElement manifest, String name) throws SourceException {
    List<JsonObject> found = new ArrayList<>();
    TreeSet<String> all = new TreeSet<>();
    if (manifest.isJsonArray()) {
      for (JsonElement each : manifest.getAsJsonArray()) {
        if (each.isJsonObject()) {
          List<String> tags = JsonText.strings(each.getAsJsonObject(), "RepoTags");
          all.addAll(tags);
          if (name.isEmpty() || tags.stream().anyMatch(tag -> isNamed(tag, name))) {
            found.add(each.getAsJsonObject());
          }
        }
      }
    }
    if (found.size() == 1) {
      return found.get(0);
    }
    String choice = all.isEmpty() ? "" : ": " + String.join(", ", all);
    throw new SourceException(
        found.isEmpty()
            ? (name.isEmpty()
                ? "it contains no image"
                : "it contains no image \"" + name + "\" in it" + choice)
            : "it contains several images: add one after a colon" + choice);
  }

  private static boolean isNamed(String tag, String name) {
    String whole =
        name.substring(name.lastIndexOf('/') + 1).contains(":") ? name : name + ":latest";
    return tag.equals(whole) || tag.endsWith("/" + whole);
  }

  /** Layers are known by what they unpack to; one that is compressed has another digest itself. */
  private static BlobReference layer(ArchiveBlobs archive, String name, ContentDigest diffId)
      throws IOException {
    ContentDigest digest = diffId;
    try (InputStream in = archive.open(name)) {
      if (Compression.of(in.readNBytes(16)) != Compression.NONE) {
        digest = computed(archive, name);
      }
    }
    archive.name(digest, name);
    return new BlobReference("", digest, archive.size(name));
  }

  private static ContentDigest computed(ArchiveBlobs archive, String name) throws IOException {
    MessageDigest sum = new ContentDigest("sha256", "").begin();
    byte[] buffer = new byte[64 * 1024];
    try (InputStream in = archive.open(name)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        sum.update(buffer, 0, count);
      }
    }
    return new ContentDigest("sha256", HexFormat.of().formatHex(sum.digest()));
  }
}
