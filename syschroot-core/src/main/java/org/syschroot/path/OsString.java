// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.path;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.syschroot.text.Escaped;

/**
 * A string of the operating system: any bytes but NUL, as in an argument, an environment entry or a
 * filename.
 *
 * <p>Java decodes such bytes through a charset, and what is not valid in it is lost. What a switch
 * hands on to a command must arrive unchanged, so it is never decoded. Immutable and thread-safe.
 *
 * <p>Needed where names are not text: arguments from files, or filenames in Latin-1. Where they
 * are, methods take a {@code String} too.
 *
 * <pre>{@code
 * OsString name = OsString.ofBytes(new byte[] {'B', (byte) 0xfc, 'r', 'o'}); // Latin-1
 * OsString text = OsString.of("Büro"); // UTF-8
 * boolean same = name.equals(text); // false
 * }</pre>
 */
public final class OsString implements Comparable<OsString> {
  private final byte[] bytes;

  private OsString(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        throw new IllegalArgumentException(
            "contains a NUL byte at offset " + i + ": the kernel ends a string there");
      }
    }
    this.bytes = bytes;
  }

  /**
   * Returns the UTF-8 form of a Java string.
   *
   * @throws IllegalArgumentException if it contains U+0000
   */
  public static OsString of(String text) {
    return new OsString(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Returns a string of the given bytes, which are copied.
   *
   * @throws IllegalArgumentException if a byte is NUL
   */
  public static OsString ofBytes(byte[] bytes) {
    return new OsString(bytes.clone());
  }

  /**
   * Returns a string of some of the given bytes, which are copied.
   *
   * @param start the offset of the first byte
   * @param end the offset after the last byte
   * @throws IllegalArgumentException if a byte is NUL
   */
  public static OsString ofBytes(byte[] bytes, int start, int end) {
    return new OsString(Arrays.copyOfRange(bytes, start, end));
  }

  /** Returns the strings of a NUL-separated block such as {@code /proc/self/environ}. */
  public static List<OsString> split(byte[] block) {
    List<OsString> strings = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < block.length; i++) {
      if (block[i] == 0) {
        strings.add(new OsString(Arrays.copyOfRange(block, start, i)));
        start = i + 1;
      }
    }
    if (start < block.length) {
      strings.add(new OsString(Arrays.copyOfRange(block, start, block.length)));
    }
    return List.copyOf(strings);
  }

  /** Returns the parts between the occurrences of a byte, one more than there are of it. */
  public List<OsString> splitAt(char asciiByte) {
    List<OsString> parts = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= bytes.length; i++) {
      if (i == bytes.length || bytes[i] == asciiByte) {
        parts.add(slice(start, i));
        start = i + 1;
      }
    }
    return List.copyOf(parts);
  }

  /** Returns the number of bytes, without the terminating NUL of C. */
  public int length() {
    return bytes.length;
  }

  /** Returns whether there are no bytes. */
  public boolean isEmpty() {
    return bytes.length == 0;
  }

  /** Returns the byte at an offset. */
  public byte at(int offset) {
    return bytes[offset];
  }

  /** Returns a copy of the bytes. */
  public byte[] toBytes() {
    return bytes.clone();
  }

  /** Copies the bytes into {@code target} from its current position on. */
  public void putInto(ByteBuffer target) {
    target.put(bytes);
  }

  /** Returns the offset of the first such byte, or -1. */
  public int indexOf(char asciiByte) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == (byte) asciiByte) {
        return i;
      }
    }
    return -1;
  }

  /** Returns the bytes from {@code start} up to, not including, {@code end}. */
  public OsString slice(int start, int end) {
    return new OsString(Arrays.copyOfRange(bytes, start, end));
  }

  /** Returns what follows the last slash, or all of it if there is none. */
  public OsString baseName() {
    int start = 0;
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == '/') {
        start = i + 1;
      }
    }
    return slice(start, bytes.length);
  }

  /** Returns this string followed by another. */
  public OsString plus(OsString tail) {
    byte[] joined = Arrays.copyOf(bytes, bytes.length + tail.bytes.length);
    System.arraycopy(tail.bytes, 0, joined, bytes.length, tail.bytes.length);
    return new OsString(joined);
  }

  /** Returns whether this string begins with the bytes of another. */
  public boolean startsWith(OsString prefix) {
    return bytes.length >= prefix.bytes.length
        && Arrays.equals(bytes, 0, prefix.bytes.length, prefix.bytes, 0, prefix.bytes.length);
  }

  /** Returns the text, if the bytes are valid UTF-8. */
  public Optional<String> toUtf8() {
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException notUtf8) {
      return Optional.empty();
    }
  }

  @Override
  public int compareTo(OsString other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof OsString osString && Arrays.equals(bytes, osString.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /**
   * Returns the text for people to read: UTF-8, in which control characters and what is not UTF-8
   * appear as {@code \xNN}, see {@link Escaped}. Not for handing on: use {@link #toBytes()}.
   */
  @Override
  public String toString() {
    return Escaped.line(bytes);
  }
}
