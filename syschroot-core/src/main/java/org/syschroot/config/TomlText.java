// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import java.util.Arrays;
import org.syschroot.image.Origin;
import org.tomlj.TomlPosition;

/** A configuration file as it was read, for telling where in it something stands. Immutable. */
final class TomlText {
  private final String file;
  private final String content;
  private final int[] lineStarts;

  /**
   * Creates the text of a file.
   *
   * @param file the file's path
   * @param content all of it
   */
  TomlText(String file, String content) {
    this.file = file;
    this.content = content;
    this.lineStarts = lineStarts(content);
  }

  private static int[] lineStarts(String content) {
    int[] starts = new int[16];
    int lines = 1;
    for (int end = content.indexOf('\n'); end >= 0; end = content.indexOf('\n', end + 1)) {
      if (lines == starts.length) {
        starts = Arrays.copyOf(starts, 2 * lines);
      }
      starts[lines++] = end + 1;
    }
    return Arrays.copyOf(starts, lines);
  }

  String file() {
    return file;
  }

  String content() {
    return content;
  }

  Origin origin(TomlPosition position) {
    return new Origin(file, position.line(), position.column());
  }

  /** Returns the place of the character at an offset. */
  Origin originAt(int offset) {
    int found = Arrays.binarySearch(lineStarts, offset);
    int line = found >= 0 ? found : -found - 2;
    int column = content.codePointCount(lineStarts[line], Math.min(offset, content.length()));
    return new Origin(file, line + 1, column + 1);
  }

  /**
   * Returns where an element of a list stands. For tomlj an element begins with the end of the line
   * before it, so in a list with one element a line every place would be that of the line above.
   */
  Origin originOfElement(TomlPosition position) {
    int at = offset(position);
    boolean inComment = false;
    for (; at < content.length(); at++) {
      char c = content.charAt(at);
      if (c == '\n') {
        inComment = false;
      } else if (c == '#') {
        inComment = true;
      } else if (!inComment && c != ' ' && c != '\t' && c != '\r') {
        return originAt(at);
      }
    }
    return origin(position);
  }

  private int offset(TomlPosition position) {
    if (position.line() > lineStarts.length) {
      return content.length();
    }
    int at = lineStarts[position.line() - 1];
    for (int column = 1; column < position.column() && at < content.length(); column++) {
      at += Character.charCount(content.codePointAt(at));
    }
    return at;
  }
}
