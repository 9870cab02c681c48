// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.start;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** An entry of the cache: what the start script compares, and the program. Immutable. */
public final class StartEntry {
  /** The first line; the number is the version of the form, which the start script has too. */
  private static final String FORM = "syschroot-start 2\n";

  /** The largest entry; the start script reads no larger one. */
  static final int MOST_BYTES = 1 << 17;

  /** Lengths of rows without a common divisor, the product of which no entry reaches. */
  private static final int[] ROWS = {509, 512};

  private final byte[] bytes;

  /**
   * Creates an entry.
   *
   * @throws NotCachedException if it would be too large
   */
  StartEntry(EntryParts parts) throws NotCachedException {
    byte[] content = parts.bytes();
    byte[] form = FORM.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer all =
        ByteBuffer.allocate(form.length + Integer.BYTES + ROWS[0] + ROWS[1] + content.length);
    all.put(form).putInt(content.length);
    for (int row : ROWS) {
      all.put(parity(content, row));
    }
    bytes = all.put(content).array();
    if (bytes.length > MOST_BYTES) {
      throw new NotCachedException(
          "the entry would have more than " + MOST_BYTES + " bytes: the plan is too large");
    }
  }

  /** What all rows of a length add up to, each bit by itself. */
  private static byte[] parity(byte[] content, int row) {
    byte[] sum = new byte[row];
    for (int i = 0; i < content.length; i++) {
      sum[i % row] ^= content[i];
    }
    return sum;
  }

  /**
   * Returns the content of the file: the form, the length and two parities, so that one that was
   * cut or damaged is known, and the parts.
   */
  public byte[] bytes() {
    return bytes.clone();
  }
}
