// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.syschroot.path.OsString;

/**
 * How a scheduler's command tells its options from the job's script. All of them end their options
 * at the first word that is none. Immutable.
 */
final class OptionSyntax {
  private static final String COMPONENT = ":";

  private final boolean clusters;
  private final boolean components;
  private final String flags;
  private final Set<String> longFlags;
  private final Map<String, Integer> valueCounts;

  private OptionSyntax(
      boolean clusters,
      boolean components,
      String flags,
      Set<String> longFlags,
      Map<String, Integer> valueCounts) {
    this.clusters = clusters;
    this.components = components;
    this.flags = flags;
    this.longFlags = longFlags;
    this.valueCounts = valueCounts;
  }

  /**
   * Returns the syntax of getopt_long(3): {@code -a}, {@code -bVALUE}, {@code --long=VALUE}.
   *
   * @param flags the letters that take no value
   * @param longFlags the long names whose value, if they take one, is not the next word
   */
  static OptionSyntax getopt(String flags, Set<String> longFlags) {
    return new OptionSyntax(true, false, flags, Set.copyOf(longFlags), Map.of());
  }

  /**
   * Returns this syntax for a command that also takes jobs of several components: the options of
   * each stand behind a word {@code :}, and the script behind those of the last.
   */
  OptionSyntax withComponents() {
    return new OptionSyntax(clusters, true, flags, longFlags, valueCounts);
  }

  /**
   * Returns the syntax in which every option is a word of its own, {@code -cwd}, and so is each of
   * its values.
   *
   * @param valueCounts how many words an option's values are, where it is not one
   */
  static OptionSyntax words(Map<String, Integer> valueCounts) {
    return new OptionSyntax(false, false, "", Set.of(), Map.copyOf(valueCounts));
  }

  ScannedOptions scan(List<OsString> arguments) {
    List<ScannedOptions.Option> options = new ArrayList<>();
    int i = 0;
    while (i < arguments.size()) {
      String word = arguments.get(i).toString();
      if (word.equals("--")) {
        i++;
        break;
      }
      if (components && word.equals(COMPONENT)) {
        i++;
        continue;
      }
      if (!word.startsWith("-") || word.length() == 1) {
        break;
      }
      if (!clusters) {
        i = words(arguments, i, options);
      } else if (word.startsWith("--")) {
        i = longOption(arguments, i, options);
      } else {
        i = cluster(arguments, i, options);
      }
    }
    return new ScannedOptions(arguments, options, Math.min(i, arguments.size()));
  }

  private int words(List<OsString> arguments, int i, List<ScannedOptions.Option> options) {
    String name = arguments.get(i).toString().substring(1);
    int values = valueCounts.getOrDefault(name, 1);
    options.add(values == 0 ? flag(name) : inNextWord(name, arguments, i));
    return i + 1 + values;
  }

  private int longOption(List<OsString> arguments, int i, List<ScannedOptions.Option> options) {
    OsString word = arguments.get(i);
    int equals = word.indexOf('=');
    if (equals > 0) {
      String name = word.slice(2, equals).toString();
      options.add(
          new ScannedOptions.Option(
              name, Optional.of(word.slice(equals + 1, word.length())), i, equals + 1));
      return i + 1;
    }
    String name = word.slice(2, word.length()).toString();
    // getopt_long(3) takes an unambiguous beginning for the whole.
    if (longFlags.stream().anyMatch(flag -> flag.startsWith(name))) {
      options.add(flag(name));
      return i + 1;
    }
    options.add(inNextWord(name, arguments, i));
    return i + 2;
  }

  private int cluster(List<OsString> arguments, int i, List<ScannedOptions.Option> options) {
    OsString word = arguments.get(i);
    for (int at = 1; at < word.length(); at++) {
      String name = String.valueOf((char) word.at(at));
      if (flags.contains(name)) {
        options.add(flag(name));
      } else if (at + 1 < word.length()) {
        options.add(
            new ScannedOptions.Option(
                name, Optional.of(word.slice(at + 1, word.length())), i, at + 1));
        return i + 1;
      } else {
        options.add(inNextWord(name, arguments, i));
        return i + 2;
      }
    }
    return i + 1;
  }

  private static ScannedOptions.Option flag(String name) {
    return new ScannedOptions.Option(name, Optional.empty(), -1, 0);
  }

  private static ScannedOptions.Option inNextWord(String name, List<OsString> arguments, int i) {
    Optional<OsString> value =
        i + 1 < arguments.size() ? Optional.of(arguments.get(i + 1)) : Optional.empty();
    return new ScannedOptions.Option(name, value, i + 1, 0);
  }
}
