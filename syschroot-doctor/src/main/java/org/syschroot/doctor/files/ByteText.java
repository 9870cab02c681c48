// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.files;

import java.nio.charset.StandardCharsets;
import org.syschroot.path.OsString;

/**
 * Strings with one character a byte (ISO 8859-1), in which names of any bytes can be cut and
 * compared without loss.
 */
public final class ByteText {
  private ByteText() {}

  /** Returns the bytes as a text with one character a byte. */
  public static String of(OsString bytes) {
    return new String(bytes.toBytes(), StandardCharsets.ISO_8859_1);
  }

  /** Returns the bytes of a text with one character a byte. */
  public static OsString bytes(String text) {
    return OsString.ofBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Returns a text with one character a byte in the form for people to read. */
  public static String shown(String text) {
    return bytes(text).toString();
  }
}
