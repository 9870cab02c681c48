// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.syschroot.cli.syslog.SyslogCommands;

/**
 * Global options that stand before the subcommand, and {@code help COMMAND}, brought into the order
 * in which they are declared: behind the subcommand. Not instantiable.
 */
final class LeadingOptions {
  private static final String HELP = "--help";
  private static final String CONFIG = "--config";
  private static final Set<String> FLAGS =
      Set.of("-v", "--verbose", "-q", "--quiet", "--no-color", "--no-site-code");

  private LeadingOptions() {}

  static String[] behindSubcommand(String[] words) {
    List<String> options = new ArrayList<>();
    int at = 0;
    while (at < words.length && isGlobal(words[at])) {
      options.add(words[at]);
      if (words[at].equals(CONFIG) && at + 1 < words.length) {
        options.add(words[++at]);
      }
      at++;
    }
    List<String> rest = new ArrayList<>(List.of(words).subList(at, words.length));
    if (!rest.isEmpty() && rest.get(0).equals("help")) {
      rest.remove(0);
      rest.add(HELP);
    }
    if (options.isEmpty() || rest.isEmpty() || rest.get(0).startsWith("-")) {
      return rest.isEmpty() ? words : rest.toArray(String[]::new);
    }
    boolean second = rest.size() > 1 && (rest.get(1).equals(HELP) || isNested(rest));
    rest.addAll(second ? 2 : 1, options);
    return rest.toArray(String[]::new);
  }

  private static boolean isNested(List<String> words) {
    return words.get(0).equals(SyslogCommands.NAME) && !words.get(1).startsWith("-");
  }

  private static boolean isGlobal(String word) {
    return FLAGS.contains(word) || word.equals(CONFIG) || word.startsWith(CONFIG + "=");
  }
}
