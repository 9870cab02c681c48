// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.buildmatrix;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The results of all images as a table. Immutable. */
final class SummaryTable {
  private static final List<String> TITLES =
      List.of("image", "exit", "time", "machine", "release", "");

  private final List<MatrixResult> results;

  SummaryTable(List<MatrixResult> results) {
    this.results = List.copyOf(results);
  }

  /** Returns the lines: the titles, and one for each image in the order of the results. */
  List<String> lines() {
    List<List<String>> rows = new ArrayList<>(List.of(TITLES));
    results.forEach(result -> rows.add(cells(result)));
    int[] widths = new int[TITLES.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static List<String> cells(MatrixResult result) {
    double seconds = result.time().toMillis() / 1000.0;
    return List.of(
        result.image().toString(),
        Integer.toString(result.status()),
        String.format(Locale.ROOT, "%.1f s", seconds),
        result.system().machine(),
        result.system().release(),
        result.note());
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
    }
    return line.toString().stripTrailing();
  }
}
