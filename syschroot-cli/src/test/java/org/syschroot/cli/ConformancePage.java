// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.util.List;
import java.util.Optional;

/** Writes the table of situations and ways as a page. */
final class ConformancePage {
  private static final String HEAD =
      """
      # The same by every way

      An image can be entered in several ways, and a command is to find the same inside by each of them. This table is made by a test that brings a process into each situation, enters a real
      32-bit Debian in each way, and compares what the command finds; a difference that is not declared here fails the build.

      **same**: the outcome is that of the other columns, to the byte where the situation says so. **-**: this way has nothing to say it with (launchers and links take no options, only `run` does; a
      launcher of a program runs that program; a job needs a command). A number: a declared difference, explained below.

      An ordinary user's own `run` is by a user namespace, in which more differs. Each of these situations is tried for it too: the user's cached run has the outcome of the user's run, to the byte.

      `mvn -Pstress verify` tries every cell. Any other build tries each situation by `run`, the cached run, the symbolic link and the launchers, each numbered difference, the other ways in turn, and a third of
      the situations for an ordinary user.

      """;

  private ConformancePage() {}

  static String of(List<Situation> situations) {
    StringBuilder page = new StringBuilder(HEAD);
    page.append("| situation |");
    for (ConformanceWay way : ConformanceWay.values()) {
      page.append(' ').append(way.title()).append(" |");
    }
    page.append("\n|---|").append("---|".repeat(ConformanceWay.values().length)).append('\n');
    for (Situation situation : situations) {
      page.append("| ").append(situation.toString().replace("|", "\\|")).append(" |");
      for (ConformanceWay way : ConformanceWay.values()) {
        page.append(' ').append(cell(situation, way)).append(" |");
      }
      page.append('\n');
    }
    page.append("\n## Differences\n\n");
    int number = 0;
    for (ConformanceDifference difference : ConformanceDifferences.all()) {
      page.append(++number).append(". ");
      page.append(difference.kernel() ? "(the kernel's doing) " : "");
      page.append(difference.reason()).append('\n');
    }
    return page.toString();
  }

  private static String cell(Situation situation, ConformanceWay way) {
    if (!ConformanceSite.canBeExpressed(situation, way)) {
      return "-";
    }
    Optional<ConformanceDifference> difference = ConformanceDifferences.of(situation, way);
    return difference
        .map(one -> one.mark() + " (" + (ConformanceDifferences.all().indexOf(one) + 1) + ")")
        .orElse("same");
  }
}
