// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import org.syschroot.path.OsString;

/** Quotes words for a POSIX shell. */
public final class ShellQuote {
  private ShellQuote() {}

  /** Returns a word of the shell that stands for exactly these bytes, quoted if need be. */
  public static OsString of(OsString word) {
    String text = word.toString();
    if (text.matches("[A-Za-z0-9_@%+=:,./-]+")) {
      return word;
    }
    OsString quoted = OsString.of("'");
    int start = 0;
    for (int i = 0; i < word.length(); i++) {
      if (word.at(i) == '\'') {
        quoted = quoted.plus(word.slice(start, i)).plus(OsString.of("'\\''"));
        start = i + 1;
      }
    }
    return quoted.plus(word.slice(start, word.length())).plus(OsString.of("'"));
  }
}
