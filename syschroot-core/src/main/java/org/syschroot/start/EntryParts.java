// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.start;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A sequence of parts, each behind its length, as the start script takes them apart with {@code
 * unpack}. Not thread-safe.
 */
final class EntryParts {
  private final ByteArrayOutputStream all = new ByteArrayOutputStream();

  EntryParts add(byte[] part) {
    all.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
    all.writeBytes(part);
    return this;
  }

  /** Adds a text of which each character is a byte. */
  EntryParts add(String part) {
    return add(part.getBytes(StandardCharsets.ISO_8859_1));
  }

  byte[] bytes() {
    return all.toByteArray();
  }
}
