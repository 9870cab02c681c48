// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.version;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One version of an image. Immutable.
 *
 * @param number counts up from 1; a number is not used again while its version is there
 * @param inode the inode number of its root directory, which says which tree it is wherever that is
 * @param digest of all files of the tree when it was made, as {@code sha256:...}; empty for a tree
 *     that was there before the image had versions
 * @param source where its files came from, for people to read
 * @param made when, as {@code 2026-11-28T20:15:00Z}
 */
public record Version(int number, long inode, String digest, String source, String made) {
  private static final int LONGEST = 4096;

  /** Returns the digest with the algorithm and 12 digits, or "-" if there is none. */
  public String shortDigest() {
    int length = "sha256:".length() + 12;
    return digest.isEmpty() ? "-" : digest.substring(0, Math.min(length, digest.length()));
  }

  /** Returns the record of it: a line each, {@code KEY VALUE}. */
  String text() {
    return "inode "
        + Long.toUnsignedString(inode)
        + "\ndigest "
        + digest
        + "\nmade "
        + made
        + "\nsource "
        + source.replace('\n', ' ')
        + "\n";
  }

  /**
   * Reads a record.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Version parse(int number, String text) {
    Map<String, String> values = new LinkedHashMap<>();
    if (text.length() > LONGEST || !text.endsWith("\n")) {
      throw new IllegalArgumentException("not the record of a version");
    }
    for (String line : text.split("\n")) {
      int blank = line.indexOf(' ');
      if (blank > 0) {
        values.put(line.substring(0, blank), line.substring(blank + 1));
      }
    }
    String digest = values.getOrDefault("digest", "");
    if (!values.containsKey("inode") || !digest.matches("(sha256:[0-9a-f]{64})?")) {
      throw new IllegalArgumentException("not the record of a version");
    }
    return new Version(
        number,
        Long.parseUnsignedLong(values.get("inode")),
        digest,
        values.getOrDefault("source", ""),
        values.getOrDefault("made", ""));
  }
}
