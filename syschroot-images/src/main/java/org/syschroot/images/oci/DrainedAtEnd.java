// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * The uncompressed bytes of a blob: at their end, the blob is read to its end too, since a
 * decompressor may stop before it, and only then its digest is known. For one thread.
 */
final class DrainedAtEnd extends FilterInputStream {
  private final VerifiedStream stored;

  DrainedAtEnd(InputStream unpacked, VerifiedStream stored) {
    super(unpacked);
    this.stored = stored;
  }

  @Override
  public int read() throws IOException {
    int value = in.read();
    if (value < 0) {
      stored.drain();
    }
    return value;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = in.read(bytes, offset, length);
    if (read < 0) {
      stored.drain();
    }
    return read;
  }
}
