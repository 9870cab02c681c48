// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.util.ArrayDeque;
import java.util.Deque;

/** The last lines of a program's output. For one thread. */
final class OutputTail {
  private static final int MOST = 10;

  private final Deque<String> lines = new ArrayDeque<>();

  void add(String line) {
    if (lines.size() == MOST) {
      lines.removeFirst();
    }
    lines.addLast(line);
  }

  /** Returns a line break and the lines, indented; nothing if there are none. */
  @Override
  public String toString() {
    return lines.isEmpty() ? "" : "\n  " + String.join("\n  ", lines);
  }
}
