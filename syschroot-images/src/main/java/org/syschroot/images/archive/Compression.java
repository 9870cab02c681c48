// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.archive;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.syschroot.images.tree.SourceException;
import org.tukaani.xz.XZInputStream;

/** The ways in which an archive can be compressed, known by its first bytes. */
public enum Compression {
  /** Not compressed, or in a way that is unknown here. */
  NONE(),
  /** gzip(1), RFC 1952. */
  GZIP(0x1f, 0x8b),
  /** xz(1). */
  XZ(0xfd, '7', 'z', 'X', 'Z', 0),
  /** zstd(1), RFC 8878. */
  ZSTD(0x28, 0xb5, 0x2f, 0xfd);

  private static final int LONGEST = 6;
  private static final int BUFFER = 64 * 1024;
  private static final int XZ_KIB = 512 * 1024; // "xz -9" takes 65 MiB

  @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
  private final int[] magic;

  Compression(int... magic) {
    this.magic = magic;
  }

  /** Returns what the first bytes of an archive say. */
  public static Compression of(byte[] head) {
    for (Compression compression : values()) {
      if (compression != NONE && compression.begins(head)) {
        return compression;
      }
    }
    return NONE;
  }

  private boolean begins(byte[] head) {
    if (head.length < magic.length) {
      return false;
    }
    for (int i = 0; i < magic.length; i++) {
      if ((head[i] & 0xff) != magic[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Returns the uncompressed bytes of a stream that is compressed in whatever way.
   *
   * @throws IOException if it cannot be read, or is damaged
   */
  public static InputStream open(InputStream in) throws IOException {
    PushbackInputStream whole = new PushbackInputStream(in, LONGEST);
    byte[] head = whole.readNBytes(LONGEST);
    whole.unread(head);
    try {
      return switch (of(head)) {
        case NONE -> whole;
        case GZIP -> new GZIPInputStream(whole, BUFFER);
        case XZ -> new XZInputStream(whole, XZ_KIB);
        case ZSTD -> new ZstdInputStreamNoFinalizer(whole);
      };
    } catch (ZipException e) {
      throw new SourceException("damaged: " + e.getMessage(), e);
    }
  }

  /** Returns words for a failure of a decompressor. */
  public static IOException explain(IOException failure) {
    if (failure instanceof java.io.EOFException) {
      return new SourceException("cut short", failure);
    }
    boolean damaged =
        failure instanceof ZipException
            || failure instanceof org.tukaani.xz.XZIOException
            || failure instanceof com.github.luben.zstd.ZstdIOException;
    return damaged ? new SourceException("damaged: " + failure.getMessage(), failure) : failure;
  }
}
