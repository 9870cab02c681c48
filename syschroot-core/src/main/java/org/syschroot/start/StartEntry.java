// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.start;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** An entry of the cache: lines for the start script, then the program. Immutable. */
public final class StartEntry {
  /** The version of the form, which the start script has too. */
  static final int VERSION = 1;

  /** The largest entry; the start script reads no larger one. */
  static final int MOST_BYTES = 1 << 17;

  private final byte[] lines;
  private final byte[] program;

  StartEntry(byte[] lines, byte[] program) throws NotCachedException {
    this.lines = lines;
    this.program = program;
    if (bytes().length > MOST_BYTES) {
      throw new NotCachedException(
          "the entry would have more than " + MOST_BYTES + " bytes: the plan is too large");
    }
  }

  /**
   * Returns the content of the file: a line with the version and both lengths, so that one that was
   * cut is known.
   */
  public byte[] bytes() {
    String first =
        String.format(
            Locale.ROOT, "syschroot-start %d %d %d\n", VERSION, lines.length, program.length);
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(first.getBytes(StandardCharsets.US_ASCII));
    all.writeBytes(lines);
    all.writeBytes(program);
    return all.toByteArray();
  }
}
