// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.table;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.path.OsString;

/**
 * Reads the bytes of a mountinfo file. Fields are separated by one blank; blank, tab, newline and
 * backslash in a field stand as octal escapes. A source may be empty, and the last field may
 * contain blanks. For one thread.
 */
final class MountInfoParser {
  private static final int DEVICE = 0;
  private static final int OPTIONS = 1;
  private static final int TYPE = 2;
  private static final int SOURCE = 3;
  private static final int SUPER_OPTIONS = 4;

  private final byte[] text;
  // Most mounts have device, options, type and source in common with the one before.
  private final OsString[] before = new OsString[SUPER_OPTIONS + 1];
  private int position;
  private int lineStart;

  MountInfoParser(byte[] text) {
    this.text = text;
  }

  /**
   * Returns the entries in order.
   *
   * @throws IOException if a line is not of the documented form; the message quotes it
   */
  List<MountEntry> parse() throws IOException {
    List<MountEntry> entries = new ArrayList<>(text.length / 100 + 8);
    while (position < text.length) {
      lineStart = position;
      entries.add(line());
    }
    return entries;
  }

  private MountEntry line() throws IOException {
    int id = number();
    int parent = number();
    OsString device = shared(DEVICE, position, endOfField());
    OsString root = field();
    OsString target = field();
    OsString options = shared(OPTIONS, position, endOfField());
    List<OsString> optionalFields = optionalFields();
    OsString type = shared(TYPE, position, endOfField());
    OsString source = shared(SOURCE, position, endOfField());
    OsString superOptions = shared(SUPER_OPTIONS, position, endOfLine());
    return new MountEntry(
        id, parent, device, root, target, options, optionalFields, type, source, superOptions);
  }

  private int number() throws IOException {
    int start = position;
    int end = endOfField();
    long number = 0;
    for (int i = start; i < end; i++) {
      number = number * 10 + text[i] - '0';
      if (text[i] < '0' || text[i] > '9' || number > Integer.MAX_VALUE) {
        throw malformed();
      }
    }
    if (start == end) {
      throw malformed();
    }
    return (int) number;
  }

  private List<OsString> optionalFields() throws IOException {
    int start = position;
    int end = endOfField();
    if (isSeparator(start, end)) {
      return List.of();
    }
    List<OsString> found = new ArrayList<>(2);
    while (!isSeparator(start, end)) {
      found.add(unescape(start, end));
      start = position;
      end = endOfField();
    }
    return found;
  }

  private boolean isSeparator(int start, int end) {
    return end - start == 1 && text[start] == '-';
  }

  private OsString field() throws IOException {
    int start = position;
    return unescape(start, endOfField());
  }

  /** Moves behind the blank that ends a field, and returns the offset of the blank. */
  private int endOfField() throws IOException {
    int end = position;
    while (end < text.length && text[end] != ' ' && text[end] != '\n') {
      end++;
    }
    if (end == text.length || text[end] == '\n') {
      throw malformed();
    }
    position = end + 1;
    return end;
  }

  private int endOfLine() {
    int end = lineEnd(position);
    position = Math.min(end + 1, text.length);
    return end;
  }

  private int lineEnd(int start) {
    int end = start;
    while (end < text.length && text[end] != '\n') {
      end++;
    }
    return end;
  }

  private IOException malformed() {
    OsString line = OsString.ofBytes(text, lineStart, lineEnd(lineStart));
    return new IOException("not a line of mountinfo: \"" + line + "\"");
  }

  /** Returns the string of the line before, if it is the same. */
  private OsString shared(int which, int start, int end) {
    OsString last = before[which];
    if (last != null && last.length() == end - start && isText(last, start)) {
      return last;
    }
    OsString value = unescape(start, end);
    // A value with an escape is not compared, it is longer here than what it stands for.
    before[which] = value;
    return value;
  }

  private boolean isText(OsString value, int start) {
    for (int i = 0; i < value.length(); i++) {
      if (value.at(i) != text[start + i] || text[start + i] == '\\') {
        return false;
      }
    }
    return true;
  }

  private OsString unescape(int start, int end) {
    int first = start;
    while (first < end && text[first] != '\\') {
      first++;
    }
    return first == end ? OsString.ofBytes(text, start, end) : unescape(start, first, end);
  }

  private OsString unescape(int start, int firstBackslash, int end) {
    byte[] plain = new byte[end - start];
    int length = firstBackslash - start;
    System.arraycopy(text, start, plain, 0, length);
    for (int i = firstBackslash; i < end; i++) {
      if (text[i] == '\\' && isOctalEscape(i, end)) {
        plain[length++] =
            (byte) ((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 | (text[i + 3] - '0'));
        i += 3;
      } else {
        plain[length++] = text[i];
      }
    }
    return OsString.ofBytes(plain, 0, length);
  }

  private boolean isOctalEscape(int at, int end) {
    return at + 3 < end
        && text[at + 1] >= '0'
        && text[at + 1] <= '3'
        && isOctal(text[at + 2])
        && isOctal(text[at + 3]);
  }

  private static boolean isOctal(byte b) {
    return b >= '0' && b <= '7';
  }
}
