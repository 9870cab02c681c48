// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.doctor;

import java.util.List;
import org.syschroot.cli.frame.Console;
import org.syschroot.doctor.finding.Diagnosis;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.finding.Severity;
import org.syschroot.image.CatalogProblem;
import org.syschroot.text.Escaped;

/**
 * The result as monitoring plugins give it (Monitoring Plugins Development Guidelines): one line
 * that counts, with performance data, then one line a finding, and the exit status.
 */
final class NagiosLine {
  private static final int OK = 0;
  private static final int WARNING = 1;
  private static final int CRITICAL = 2;
  private static final int UNKNOWN = 3;

  private NagiosLine() {}

  static int print(Console console, List<Diagnosis> all, List<CatalogProblem> refused) {
    long errors = count(all, Severity.ERROR) + refused.size();
    long warnings = count(all, Severity.WARNING);
    String state = errors > 0 ? "CRITICAL" : warnings > 0 ? "WARNING" : "OK";
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            "SYSCHROOT %s: %d errors and %d warnings in %d images | errors=%d warnings=%d\n",
            state, errors, warnings, all.size(), errors, warnings));
    for (CatalogProblem problem : refused) {
      text.append(
          "configuration: error: " + Escaped.line(problem.message()).replace('|', '/') + "\n");
    }
    for (Diagnosis diagnosis : all) {
      for (Finding finding : diagnosis.findings()) {
        text.append(
            diagnosis.image().name()
                + ": "
                + finding.severity()
                + " "
                + finding.id()
                + ": "
                + Escaped.line(finding.effect()).replace('|', '/')
                + "\n");
      }
    }
    console.print(text.toString());
    return errors > 0 ? CRITICAL : warnings > 0 ? WARNING : OK;
  }

  static int unknown(Console console, String reason) {
    console.line("SYSCHROOT UNKNOWN: " + reason.replace('|', '/'));
    return UNKNOWN;
  }

  private static long count(List<Diagnosis> all, Severity severity) {
    return all.stream().mapToLong(diagnosis -> diagnosis.count(severity)).sum();
  }
}
