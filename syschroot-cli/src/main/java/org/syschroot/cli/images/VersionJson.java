// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.images;

import com.google.gson.JsonObject;
import org.syschroot.image.ImageName;
import org.syschroot.images.version.Version;

/** A version of an image as JSON. Not instantiable. */
final class VersionJson {
  private VersionJson() {}

  static JsonObject of(ImageName image, Version version, boolean isCurrent) {
    JsonObject json = new JsonObject();
    json.addProperty("image", image.toString());
    json.addProperty("version", version.number());
    json.addProperty("current", isCurrent);
    json.addProperty("digest", version.digest().isEmpty() ? null : version.digest());
    json.addProperty("made", version.made());
    json.addProperty("source", version.source());
    return json;
  }
}
