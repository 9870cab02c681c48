// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.schroot;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The variables that an {@code environment-filter} of schroot takes away, as far as they can be
 * named: it is a regular expression, and an image's settings have names. Immutable.
 *
 * @param names variables that are removed; copied
 * @param patterns what matches more than one name; copied
 */
record EnvironmentFilter(List<String> names, List<String> patterns) {
  private static final Pattern ALTERNATIVES = Pattern.compile("\\^\\(([^()]*)\\)\\$");
  private static final Pattern ONE = Pattern.compile("\\^([^()|]*)\\$");
  private static final List<String> MATCHES_NO_NAME = List.of("", "^$");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  EnvironmentFilter {
    names = List.copyOf(names);
    patterns = List.copyOf(patterns);
  }

  /** Takes an expression apart. */
  static EnvironmentFilter parse(String expression) {
    List<String> names = new ArrayList<>();
    List<String> patterns = new ArrayList<>();
    Matcher alternatives = ALTERNATIVES.matcher(expression);
    Matcher one = ONE.matcher(expression);
    if (alternatives.matches()) {
      for (String alternative : alternatives.group(1).split("\\|", -1)) {
        (NAME.matcher(alternative).matches() ? names : patterns).add(alternative);
      }
    } else if (one.matches() && NAME.matcher(one.group(1)).matches()) {
      names.add(one.group(1));
    } else if (!MATCHES_NO_NAME.contains(expression)) {
      patterns.add(expression);
    }
    return new EnvironmentFilter(names, patterns);
  }
}
