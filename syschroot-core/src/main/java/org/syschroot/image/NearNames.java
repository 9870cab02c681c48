// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.image;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds the names that somebody may have meant: those a few typing errors away. */
final class NearNames {
  private static final int MOST = 3;

  private NearNames() {}

  static List<String> among(Collection<String> names, String wanted) {
    List<String> near = new ArrayList<>();
    int tolerated = Math.max(1, wanted.length() / 3);
    for (String name : names) {
      if (distance(name, wanted) <= tolerated || beginsAlike(name, wanted)) {
        near.add(name);
      }
    }
    near.sort(Comparator.<String>comparingInt(name -> distance(name, wanted)));
    return List.copyOf(near.subList(0, Math.min(MOST, near.size())));
  }

  private static boolean beginsAlike(String name, String wanted) {
    return wanted.length() > 1
        && (name.toLowerCase(Locale.ROOT).startsWith(wanted.toLowerCase(Locale.ROOT))
            || wanted.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT)));
  }

  /** Levenshtein's distance, without regard to case. */
  private static int distance(String a, String b) {
    String from = a.toLowerCase(Locale.ROOT);
    String to = b.toLowerCase(Locale.ROOT);
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[to.length()];
  }
}
