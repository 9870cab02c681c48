// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.OsString;

/**
 * Carries bytes through a parser that knows only Java strings: one character for each byte, so that
 * nothing is lost and every ASCII character is itself.
 */
public final class ByteStrings {
  private ByteStrings() {}

  public static String[] decode(List<OsString> words) {
    String[] decoded = new String[words.size()];
    for (int i = 0; i < decoded.length; i++) {
      decoded[i] = new String(words.get(i).toBytes(), StandardCharsets.ISO_8859_1);
    }
    return decoded;
  }

  public static OsString encode(String word) {
    return OsString.ofBytes(word.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Returns the path that the bytes name as one that does not depend on the current directory. */
  public static OsString absolute(Kernel kernel, String path) throws KernelException {
    OsString given = encode(path);
    return given.indexOf('/') == 0 ? given : kernel.getcwd().plus(OsString.of("/")).plus(given);
  }

  /** Returns what the bytes mean to people. */
  public static String readable(String word) {
    return encode(word).toString();
  }
}
