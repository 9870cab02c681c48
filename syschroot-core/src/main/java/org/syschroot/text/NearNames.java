// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.text;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds the names that somebody may have meant: those a few typing errors away. */
public final class NearNames {
  private static final int MOST = 3;

  private NearNames() {}

  /** Returns those of the names that resemble what was wanted, nearest first, three at most. */
  public static List<String> among(Collection<String> names, String wanted) {
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

  /**
   * The number of typing errors between two names, without regard to case: a character too many or
   * too few, another one, or two exchanged (optimal string alignment).
   */
  private static int distance(String a, String b) {
    String from = a.toLowerCase(Locale.ROOT);
    String to = b.toLowerCase(Locale.ROOT);
    int[][] errors = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          errors[i][j] = i + j;
          continue;
        }
        int other = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        errors[i][j] =
            Math.min(
                errors[i - 1][j - 1] + other, Math.min(errors[i - 1][j], errors[i][j - 1]) + 1);
        if (i > 1
            && j > 1
            && from.charAt(i - 1) == to.charAt(j - 2)
            && from.charAt(i - 2) == to.charAt(j - 1)) {
          errors[i][j] = Math.min(errors[i][j], errors[i - 2][j - 2] + 1);
        }
      }
    }
    return errors[from.length()][to.length()];
  }
}
