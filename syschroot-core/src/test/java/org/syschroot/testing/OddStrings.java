// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/** Generates strings that are unpleasant for whoever decodes, splits or quotes them. */
public final class OddStrings {
  private static final byte[] FAVOURITES =
      "::\\\\,,= \t\n\"'$%*?#-\u00e9\u20ac".getBytes(StandardCharsets.UTF_8);

  private OddStrings() {}

  /** Returns up to {@code longest} bytes of any value but NUL, separators and quotes favoured. */
  public static OsString any(SplittableRandom random, int longest) {
    byte[] bytes = new byte[random.nextInt(longest + 1)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] =
          random.nextInt(3) == 0
              ? FAVOURITES[random.nextInt(FAVOURITES.length)]
              : (byte) (1 + random.nextInt(255));
    }
    return OsString.ofBytes(bytes);
  }

  /** Returns an absolute path in normal form, of up to {@code deepest} such names. */
  public static HostPath path(SplittableRandom random, int deepest) {
    HostPath path = HostPath.ROOT;
    int depth = random.nextInt(deepest + 1);
    for (int i = 0; i < depth; i++) {
      path = path.resolve(name(random));
    }
    return path;
  }

  private static OsString name(SplittableRandom random) {
    byte[] bytes = any(random, 8).toBytes();
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = bytes[i] == '/' ? (byte) '_' : bytes[i];
    }
    OsString name = OsString.ofBytes(bytes);
    return name.equals(OsString.of("..")) ? OsString.of("...") : name;
  }
}
