// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.desktop;

import java.util.ArrayList;
import java.util.List;

/**
 * The value of the key {@code Exec}: words, quoted first as arguments and then as a string, as the
 * specification has it.
 */
final class ExecValue {
  private static final String PLAIN = "[A-Za-z0-9_/.=:,+@-]+";

  private ExecValue() {}

  /** Returns the value that stands for a command. */
  static String of(List<String> command) {
    List<String> quoted = new ArrayList<>();
    for (String word : command) {
      // A percent sign would introduce a field code.
      String literal = word.replace("%", "%%");
      quoted.add(
          word.matches(PLAIN) ? word : '"' + literal.replaceAll("([\"`$\\\\])", "\\\\$1") + '"');
    }
    return String.join(" ", quoted).replace("\\", "\\\\");
  }
}
