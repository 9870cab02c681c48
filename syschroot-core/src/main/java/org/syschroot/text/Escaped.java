// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.text;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Text that others choose, such as names of files, processes and accounts, for people to read. Not
 * instantiable.
 *
 * <p>A terminal obeys control characters, a log takes a line for another's, and marks of direction
 * let a text be read as another one. All of these appear as {@code \xNN}, one for each byte of
 * their UTF-8 form, and so does every byte that is not UTF-8. Letters of any language stay what
 * they are.
 */
public final class Escaped {
  private static final char[] HEX = "0123456789abcdef".toCharArray();
  private static final int ZERO_WIDTH_NON_JOINER = 0x200c; // Persian is not spelt without it
  private static final int ZERO_WIDTH_JOINER = 0x200d;

  private Escaped() {}

  /** Returns a text on one line. */
  public static String line(String text) {
    return escape(text, false);
  }

  /** Returns a text of several lines, of which each is one of ours: newlines and tabs stay. */
  public static String lines(String text) {
    return escape(text, true);
  }

  /**
   * Returns a text in which what {@link #line} would escape appears as {@code \}{@code uNNNN}, as
   * JSON and other languages have it in a string. Newlines stay, which JSON has between its tokens.
   */
  public static String unicode(String text) {
    if (isPlain(text, true)) {
      return text;
    }
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(
            c -> {
              if (isShown(c) || isLayout(c)) {
                shown.appendCodePoint(c);
              } else {
                for (char half : Character.toChars(c)) {
                  shown.append(String.format("\\u%04x", (int) half));
                }
              }
            });
    return shown.toString();
  }

  private static boolean isPlain(String text, boolean ofLines) {
    int c;
    for (int i = 0; i < text.length(); i += Character.charCount(c)) {
      c = text.codePointAt(i);
      if (!isShown(c) && !(ofLines && isLayout(c))) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLayout(int codePoint) {
    return codePoint == '\n' || codePoint == '\t';
  }

  private static String escape(String text, boolean ofLines) {
    if (isPlain(text, ofLines)) {
      return text;
    }
    StringBuilder shown = new StringBuilder();
    text.codePoints().forEach(c -> append(shown, c, ofLines));
    return shown.toString();
  }

  private static void append(StringBuilder shown, int codePoint, boolean ofLines) {
    if (isShown(codePoint) || (ofLines && isLayout(codePoint))) {
      shown.appendCodePoint(codePoint);
    } else {
      for (byte b : Character.toString(codePoint).getBytes(StandardCharsets.UTF_8)) {
        appendByte(shown, b);
      }
    }
  }

  private static void appendByte(StringBuilder shown, byte b) {
    shown.append("\\x").append(HEX[(b >> 4) & 15]).append(HEX[b & 15]);
  }

  /** Returns bytes on one line. */
  public static String line(byte[] bytes) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer left = ByteBuffer.wrap(bytes);
    CharBuffer valid = CharBuffer.allocate(bytes.length);
    StringBuilder shown = new StringBuilder();
    while (true) {
      CoderResult result = decoder.decode(left, valid, true);
      shown.append(line(valid.flip().toString()));
      if (!result.isError()) {
        return shown.toString();
      }
      for (int i = 0; i < result.length(); i++) {
        appendByte(shown, left.get());
      }
      valid.clear();
      decoder.reset();
    }
  }

  private static boolean isShown(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.FORMAT -> codePoint == ZERO_WIDTH_NON_JOINER || codePoint == ZERO_WIDTH_JOINER;
      default -> true;
    };
  }
}
