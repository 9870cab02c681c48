// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import org.syschroot.images.tree.SourceException;

/**
 * A stream that is checked on the way: at its end, reading fails if it was not what the digest
 * says, and at once if it is longer than announced. For one thread.
 */
final class VerifiedStream extends FilterInputStream {
  /** For streams of which only the digest is known. */
  static final long ANY_SIZE = -1;

  private final ContentDigest digest;
  private final long size;
  private final MessageDigest computed;
  private long count;
  private boolean ended;

  VerifiedStream(InputStream in, ContentDigest digest, long size) {
    super(in);
    this.digest = digest;
    this.size = size;
    this.computed = digest.begin();
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = in.read(bytes, offset, length);
    if (read > 0) {
      count += read;
      if (size != ANY_SIZE && count > size) {
        throw new SourceException("damaged: " + digest + " is longer than its manifest says");
      }
      computed.update(bytes, offset, read);
    } else if (read < 0 && !ended) {
      ended = true;
      if (size != ANY_SIZE && count < size) {
        throw new SourceException(
            "cut short: " + digest + " has " + count + " bytes instead of " + size);
      }
      digest.check(computed);
    }
    return read;
  }

  @Override
  public long skip(long bytes) throws IOException {
    byte[] passed = new byte[(int) Math.min(bytes, 8192)];
    int read = read(passed, 0, passed.length);
    return Math.max(read, 0);
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  /** Reads to the end, so that all of it is checked. */
  void drain() throws IOException {
    byte[] passed = new byte[64 * 1024];
    while (read(passed, 0, passed.length) >= 0) {
      // what a decompressor did not need
    }
  }
}
