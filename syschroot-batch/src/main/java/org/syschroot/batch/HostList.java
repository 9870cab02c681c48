// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.util.ArrayList;
import java.util.List;

/**
 * A list of names as Slurm's configuration writes it: {@code login,node[01-10,20]-ib}. Expands to
 * no more than {@value #MOST} names, as many as Slurm takes of nodes.
 *
 * @see <a
 *     href="https://slurm.schedmd.com/slurm.conf.html#SECTION_NODE-CONFIGURATION">slurm.conf(5),
 *     NodeName</a>
 */
final class HostList {
  private static final int MOST = 65_536;

  private HostList() {}

  /** Returns the names in their order; a range that cannot be read stands for itself. */
  static List<String> names(String text) {
    List<String> names = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i < text.length() ? text.charAt(i) : ',';
      if (c == '[') {
        depth++;
      } else if (c == ']') {
        depth--;
      } else if (c == ',' && depth <= 0) {
        if (i > start) {
          expand("", text.substring(start, i), names);
        }
        start = i + 1;
      }
    }
    return names;
  }

  private static void expand(String before, String rest, List<String> names) {
    if (names.size() >= MOST) {
      return;
    }
    int open = rest.indexOf('[');
    int close = rest.indexOf(']', open + 1);
    if (open < 0 || close < 0) {
      names.add(before + rest);
      return;
    }
    String prefix = before + rest.substring(0, open);
    String suffix = rest.substring(close + 1);
    for (String range : rest.substring(open + 1, close).split(",")) {
      if (range.matches("\\d{1,8}-\\d{1,8}")) {
        int dash = range.indexOf('-');
        String format = "%0" + dash + "d";
        int last = Integer.parseInt(range.substring(dash + 1));
        for (int n = Integer.parseInt(range.substring(0, dash)); n <= last; n++) {
          if (names.size() >= MOST) {
            return;
          }
          expand(prefix + String.format(format, n), suffix, names);
        }
      } else {
        expand(prefix + range, suffix, names);
      }
    }
  }
}
