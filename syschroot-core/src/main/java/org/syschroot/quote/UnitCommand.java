// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.quote;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.path.OsString;

/**
 * A command line of a systemd unit, section "Command lines" of systemd.service(5). Not
 * instantiable.
 */
public final class UnitCommand {
  private static final String PLAIN = "[A-Za-z0-9_@+=:,./-]+";

  /**
   * systemd takes no quotes and backslashes in the path of a program, and a dollar sign in it means
   * another thing than in an argument. A shell gets such a path as an argument.
   */
  private static final List<OsString> BY_SHELL =
      List.of(OsString.of("/bin/sh"), OsString.of("-c"), OsString.of("exec \"$0\" \"$@\""));

  private UnitCommand() {}

  /**
   * Returns the value of {@code ExecStart=} and its like that runs a program.
   *
   * @param words the absolute path of the program, and its arguments
   */
  public static String of(List<OsString> words) {
    List<OsString> all = new ArrayList<>();
    if (!isPlain(words.get(0))) {
      all.addAll(BY_SHELL);
    }
    all.addAll(words);
    return String.join(" ", all.stream().map(UnitCommand::word).toList());
  }

  private static boolean isPlain(OsString word) {
    return word.toString().matches(PLAIN);
  }

  /** A word, in quotes where it needs them; what is not ASCII is written as systemd's escapes. */
  private static String word(OsString word) {
    if (isPlain(word)) {
      return word.toString();
    }
    StringBuilder quoted = new StringBuilder("\"");
    for (byte b : word.toBytes()) {
      switch (b) {
        case '"', '\\' -> quoted.append('\\').append((char) b);
        case '%', '$' -> quoted.append((char) b).append((char) b);
        default -> {
          if (b >= ' ' && b < 0x7f) {
            quoted.append((char) b);
          } else {
            quoted.append(String.format("\\x%02x", b & 0xff));
          }
        }
      }
    }
    return quoted.append('"').toString();
  }
}
