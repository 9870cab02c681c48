// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.quote;

import java.util.List;
import org.syschroot.path.OsString;

/** Quotes words for a POSIX shell. Not instantiable. */
public final class ShellQuote {
  private static final OsString QUOTE = OsString.of("'");
  private static final OsString QUOTED_QUOTE = OsString.of("'\\''");
  private static final OsString BLANK = OsString.of(" ");

  private ShellQuote() {}

  /** Returns a word of the shell that stands for exactly these bytes, quoted if need be. */
  public static OsString of(OsString word) {
    return word.toString().matches("[A-Za-z0-9_@%+=:,./-]+") ? word : always(word);
  }

  /** Returns the words of a command, each as {@link #of} has it. */
  public static OsString of(List<OsString> words) {
    OsString command = OsString.of("");
    for (OsString word : words) {
      command = command.isEmpty() ? of(word) : command.plus(BLANK).plus(of(word));
    }
    return command;
  }

  /**
   * Returns a word in single quotes, between which the shell takes every byte as it is, but a
   * single quote ends them.
   */
  public static OsString always(OsString word) {
    OsString quoted = QUOTE;
    int start = 0;
    for (int i = 0; i < word.length(); i++) {
      if (word.at(i) == '\'') {
        quoted = quoted.plus(word.slice(start, i)).plus(QUOTED_QUOTE);
        start = i + 1;
      }
    }
    return quoted.plus(word.slice(start, word.length())).plus(QUOTE);
  }
}
