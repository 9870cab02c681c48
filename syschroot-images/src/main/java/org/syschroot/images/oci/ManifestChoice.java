// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import org.syschroot.images.tree.SourceException;

/** Chooses from an index of manifests, by name or by platform. Not instantiable. */
final class ManifestChoice {
  private static final String NAME = "org.opencontainers.image.ref.name";

  private ManifestChoice() {}

  static boolean isIndex(JsonObject manifest) {
    return manifest.has("manifests");
  }

  /**
   * Returns the manifest, or index of manifests, of a name in the index of a layout.
   *
   * @param name empty to take the only one
   */
  static BlobReference byName(JsonObject index, String name) throws SourceException {
    List<JsonObject> found = new ArrayList<>();
    TreeSet<String> names = new TreeSet<>();
    for (JsonObject each : JsonText.objects(index, "manifests")) {
      Optional<String> own =
          JsonText.object(each, "annotations").flatMap(texts -> JsonText.string(texts, NAME));
      own.ifPresent(names::add);
      if (name.isEmpty() || own.equals(Optional.of(name))) {
        found.add(each);
      }
    }
    if (found.size() == 1) {
      return BlobReference.of(found.get(0));
    }
    String choice = names.isEmpty() ? "" : ": " + String.join(", ", names);
    throw new SourceException(
        found.isEmpty()
            ? (name.isEmpty()
                ? "it contains no image"
                : "it contains no image \"" + name + "\" in it" + choice)
            : "it contains several images: add one after a colon" + choice);
  }

  /** Returns the manifest for a platform. */
  static BlobReference byPlatform(JsonObject index, Platform wanted) throws SourceException {
    TreeSet<String> there = new TreeSet<>();
    JsonObject best = null;
    for (JsonObject each : JsonText.objects(index, "manifests")) {
      Optional<JsonObject> platform = JsonText.object(each, "platform");
      boolean isLinux =
          platform.isPresent()
              && JsonText.string(platform.get(), "os").orElse("linux").equals("linux");
      if (isLinux) {
        Platform found = Platform.of(platform.get());
        there.add(found.toString());
        boolean exact = best == null || found.equals(wanted);
        best = wanted.takes(found) && exact ? each : best;
      }
    }
    if (best == null) {
      List<JsonObject> all = JsonText.objects(index, "manifests");
      if (there.isEmpty() && all.size() == 1) {
        return BlobReference.of(all.get(0)); // its configuration says for which
      }
      throw new SourceException(
          "no image for "
              + wanted
              + (there.isEmpty() ? "" : ", but for " + String.join(", ", there) + ": --arch"));
    }
    return BlobReference.of(best);
  }
}
