// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The SHA-256 of a plan's canonical text. Immutable.
 *
 * @param hex 64 hexadecimal digits
 */
public record Digest(String hex) {
  static final int BYTES = 32;

  /** That of no text, known without the JVM's providers of digests, which take milliseconds. */
  static final Digest OF_NOTHING =
      new Digest("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

  static Digest of(String text) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      return new Digest(
          HexFormat.of().formatHex(sha.digest(text.getBytes(StandardCharsets.US_ASCII))));
    } catch (NoSuchAlgorithmException everyJavaPlatformHasIt) {
      throw new IllegalStateException(everyJavaPlatformHasIt);
    }
  }

  byte[] bytes() {
    return HexFormat.of().parseHex(hex);
  }

  @Override
  public String toString() {
    return hex;
  }
}
