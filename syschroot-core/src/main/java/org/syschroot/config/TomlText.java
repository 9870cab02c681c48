// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.config;

import org.syschroot.image.Origin;
import org.tomlj.TomlPosition;

/**
 * A configuration file as it was read, for telling where in it something stands. Immutable.
 *
 * @param file the file's path
 * @param content all of it
 */
record TomlText(String file, String content) {
  Origin origin(TomlPosition position) {
    return new Origin(file, position.line(), position.column());
  }

  /**
   * Returns where an element of a list stands. For tomlj an element begins with the end of the line
   * before it, so in a list with one element a line every place would be that of the line above.
   */
  Origin originOfElement(TomlPosition position) {
    int[] text = content.codePoints().toArray();
    int line = 1;
    int start = 0;
    int at = 0;
    while (line < position.line() && at < text.length) {
      if (text[at++] == '\n') {
        line++;
        start = at;
      }
    }
    at += position.column() - 1;
    boolean inComment = false;
    for (; at < text.length; at++) {
      if (text[at] == '\n') {
        line++;
        start = at + 1;
        inComment = false;
      } else if (text[at] == '#') {
        inComment = true;
      } else if (!inComment && text[at] != ' ' && text[at] != '\t' && text[at] != '\r') {
        return new Origin(file, line, at - start + 1);
      }
    }
    return origin(position);
  }
}
