// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import com.google.gson.JsonObject;
import org.syschroot.images.tree.SourceException;

/**
 * What a manifest says of a blob (image specification of the Open Container Initiative, "OCI
 * Content Descriptors"). Immutable.
 *
 * @param mediaType what it is
 * @param digest its digest
 * @param size its size in bytes
 */
public record BlobReference(String mediaType, ContentDigest digest, long size) {
  static BlobReference of(JsonObject object) throws SourceException {
    long size = JsonText.number(object, "size");
    if (size < 0) {
      throw new SourceException("damaged: a blob has a negative size");
    }
    return new BlobReference(
        JsonText.string(object, "mediaType").orElse(""),
        ContentDigest.parse(JsonText.required(object, "digest")),
        size);
  }
}
