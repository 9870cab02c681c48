// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.syschroot.images.tree.SourceException;

/**
 * The digest of a blob (image specification of the Open Container Initiative, "Digests").
 * Immutable.
 *
 * @param algorithm {@code sha256} or {@code sha512}
 * @param hex the digest in lower case
 */
public record ContentDigest(String algorithm, String hex) {
  private static final Pattern FORM = Pattern.compile("sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}");

  /**
   * Reads the usual form, {@code sha256:} and 64 digits.
   *
   * @throws SourceException if it is not of this form
   */
  public static ContentDigest parse(String text) throws SourceException {
    if (!FORM.matcher(text).matches()) {
      throw new SourceException("damaged: \"" + text + "\" is not a digest");
    }
    int colon = text.indexOf(':');
    return new ContentDigest(text.substring(0, colon), text.substring(colon + 1));
  }

  /** Returns the SHA-256 digest of some bytes. */
  public static ContentDigest of(byte[] content) {
    return new ContentDigest(
        "sha256", HexFormat.of().formatHex(computation("SHA-256").digest(content)));
  }

  /** Returns the digest of some bytes by the algorithm of this one. */
  ContentDigest ofSameKind(byte[] content) {
    return new ContentDigest(algorithm, HexFormat.of().formatHex(begin().digest(content)));
  }

  /** Returns a new computation by the algorithm. */
  MessageDigest begin() {
    return computation(algorithm.equals("sha512") ? "SHA-512" : "SHA-256");
  }

  private static MessageDigest computation(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has it", e);
    }
  }

  /**
   * Checks what was computed.
   *
   * @throws SourceException if it is another digest
   */
  void check(MessageDigest computed) throws SourceException {
    String found = HexFormat.of().formatHex(computed.digest());
    if (!found.equals(hex)) {
      throw new SourceException(
          "damaged: the content of " + this + " has the digest " + algorithm + ":" + found);
    }
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
