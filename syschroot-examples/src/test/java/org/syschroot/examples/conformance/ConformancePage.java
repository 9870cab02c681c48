// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.conformance;

import java.util.List;
import java.util.Optional;

/** Writes the cases as a page. */
final class ConformancePage {
  private static final String HEAD =
      """
      # Switched processes and ProcessBuilder

      A process that the library starts in an image is used like one of `ProcessBuilder`. This page lists what a test does with both, and compares: the same command, `busybox` of the host and
      of an image with `/dev`, `/proc`, `/sys` and `/tmp`, the same Java code, and the same expected outcome. The test runs on each JDK that the build uses. It fails at a difference that is not
      declared here, and writes this page.

      """;

  private ConformancePage() {}

  static String of(List<ConformanceCase> cases) {
    StringBuilder page = new StringBuilder(HEAD);
    List<ConformanceDifference> differences = ConformanceDifference.ALL;
    long same = cases.stream().filter(one -> ConformanceDifference.of(one).isEmpty()).count();
    page.append(cases.size()).append(" cases: ").append(same).append(" are the same, ");
    page.append(cases.size() - same).append(" differ.\n\n## Differences\n\n");
    int number = 0;
    for (ConformanceDifference one : differences) {
      page.append(++number).append(". ").append(one.reason()).append('\n');
    }
    page.append("\n## Without privilege\n\n");
    page.append("A process that is started without privilege does the same, but for this:\n\n");
    for (ConformanceDifference one : ConformanceDifference.WITHOUT_PRIVILEGE) {
      page.append("* ").append(one.reason()).append('\n');
    }
    String group = "";
    for (ConformanceCase one : cases) {
      if (!one.group().equals(group)) {
        group = one.group();
        page.append("\n## ")
            .append(capital(group))
            .append("\n\n| case | switched process |\n|---|---|\n");
      }
      page.append("| ").append(one.name().replace("|", "\\|")).append(" | ");
      page.append(cell(ConformanceDifference.of(one))).append(" |\n");
    }
    return page.toString();
  }

  private static String capital(String word) {
    return Character.toUpperCase(word.charAt(0)) + word.substring(1);
  }

  private static String cell(Optional<ConformanceDifference> difference) {
    return difference
        .map(one -> one.mark() + " (" + (ConformanceDifference.ALL.indexOf(one) + 1) + ")")
        .orElse("same");
  }
}
