// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.syschroot.path.OsString;

/**
 * Reads the bytes of a mountinfo file. Fields are separated by one blank, blank, tab, newline and
 * backslash in a field stand as octal escapes; a source may be empty (before Linux 5.1), and the
 * last field may contain blanks.
 */
final class MountInfoParser {
  private static final OsString SEPARATOR = OsString.of("-");

  private final byte[] text;
  private int position;

  MountInfoParser(byte[] text) {
    this.text = text;
  }

  List<MountEntry> parse() throws IOException {
    List<MountEntry> entries = new ArrayList<>();
    while (position < text.length) {
      entries.add(line());
    }
    return entries;
  }

  private MountEntry line() throws IOException {
    int start = position;
    int id = number(start);
    int parent = number(start);
    OsString device = field(start);
    OsString root = field(start);
    OsString target = field(start);
    OsString options = field(start);
    List<OsString> optionalFields = new ArrayList<>();
    for (OsString next = field(start); !next.equals(SEPARATOR); next = field(start)) {
      optionalFields.add(next);
    }
    OsString type = field(start);
    OsString source = field(start);
    OsString superOptions = restOfLine();
    return new MountEntry(
        id, parent, device, root, target, options, optionalFields, type, source, superOptions);
  }

  private int number(int lineStart) throws IOException {
    OsString digits = field(lineStart);
    try {
      return Integer.parseInt(digits.toString());
    } catch (NumberFormatException e) {
      throw malformed(lineStart);
    }
  }

  private OsString field(int lineStart) throws IOException {
    int start = position;
    int end = start;
    while (end < text.length && text[end] != ' ' && text[end] != '\n') {
      end++;
    }
    if (end == text.length || text[end] == '\n') {
      throw malformed(lineStart);
    }
    position = end + 1;
    return unescape(start, end);
  }

  private OsString restOfLine() {
    int start = position;
    int end = start;
    while (end < text.length && text[end] != '\n') {
      end++;
    }
    position = Math.min(end + 1, text.length);
    return unescape(start, end);
  }

  private IOException malformed(int lineStart) {
    int end = lineStart;
    while (end < text.length && text[end] != '\n') {
      end++;
    }
    OsString line = OsString.ofBytes(Arrays.copyOfRange(text, lineStart, end));
    return new IOException("not a line of mountinfo: \"" + line + "\"");
  }

  private OsString unescape(int start, int end) {
    byte[] plain = new byte[end - start];
    int length = 0;
    for (int i = start; i < end; i++) {
      if (text[i] == '\\' && isOctalEscape(i, end)) {
        plain[length++] =
            (byte) ((text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 | (text[i + 3] - '0'));
        i += 3;
      } else {
        plain[length++] = text[i];
      }
    }
    return OsString.ofBytes(Arrays.copyOf(plain, length));
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
