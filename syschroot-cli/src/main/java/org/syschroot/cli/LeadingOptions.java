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
  private static final String HELP_COMMAND = "help";
  private static final Set<String> ASK_FOR_HELP = Set.of(HELP_COMMAND, HELP, "-h");
  private static final String CONFIG = "--config";
  private static final Set<String> FLAGS =
      Set.of("-v", "--verbose", "-q", "--quiet", "--no-color", "--no-site-code");

  private LeadingOptions() {}

  static String[] behindSubcommand(String[] words) {
    List<String> rest = new ArrayList<>(List.of(words));
    List<String> options = takeGlobal(rest, 0);
    if (rest.isEmpty()) {
      return words;
    }
    if (rest.get(0).equals(HELP_COMMAND)) {
      while (!rest.isEmpty() && ASK_FOR_HELP.contains(rest.get(0))) {
        rest.remove(0);
      }
      rest.add(HELP);
    }
    if (rest.get(0).startsWith("-")) {
      return rest.toArray(String[]::new);
    }
    boolean isGroup = rest.get(0).equals(SyslogCommands.NAME);
    if (isGroup) {
      options.addAll(takeGlobal(rest, 1));
      if (rest.size() > 1 && rest.get(1).equals(HELP_COMMAND)) {
        rest.remove(1);
        rest.add(HELP);
      }
    }
    boolean second =
        rest.size() > 1 && (rest.get(1).equals(HELP) || (isGroup && isName(rest.get(1))));
    rest.addAll(second ? 2 : 1, options);
    return rest.toArray(String[]::new);
  }

  /** Removes the global options that stand at a place, with their values, and returns them. */
  private static List<String> takeGlobal(List<String> words, int at) {
    List<String> options = new ArrayList<>();
    while (at < words.size() && isGlobal(words.get(at))) {
      String option = words.remove(at);
      options.add(option);
      if (option.equals(CONFIG) && at < words.size()) {
        options.add(words.remove(at));
      }
    }
    return options;
  }

  private static boolean isName(String word) {
    return !word.startsWith("-");
  }

  private static boolean isGlobal(String word) {
    return FLAGS.contains(word) || word.equals(CONFIG) || word.startsWith(CONFIG + "=");
  }
}
