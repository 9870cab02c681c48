// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.syschroot.personality.files.SystemFiles;

/**
 * Foretells what will go wrong in an image, by a list of checks. What it cannot look at, for lack
 * of a right or because of damage, is a finding too, of severity notice. Immutable.
 *
 * @param checks what to look for, in order
 */
public record Doctor(List<Check> checks) {
  /** Copies the list. */
  public Doctor {
    checks = List.copyOf(checks);
  }

  /** Returns a doctor with more checks. */
  public Doctor plus(List<Check> more) {
    List<Check> all = new ArrayList<>(checks);
    all.addAll(more);
    return new Doctor(all);
  }

  /** Does all checks. */
  public Diagnosis examine(Examination examination) {
    List<Finding> findings = new ArrayList<>();
    for (Check check : checks) {
      try {
        findings.addAll(check.examine(examination));
      } catch (IOException e) {
        findings.add(incomplete(check, e));
      }
    }
    addUnseen(examination.inside(), "the image as its commands see it", findings);
    addUnseen(examination.tree(), "the image", findings);
    addUnseen(examination.host(), "the native system", findings);
    findings.sort(Comparator.comparing(Finding::severity));
    return new Diagnosis(examination.image(), findings, examination.privilegedFiles().described());
  }

  private static Finding incomplete(Check check, IOException failure) {
    return Finding.notice("check-incomplete")
        .effect("what " + check.name() + " looks for is not known")
        .cause(failure.getMessage() == null ? failure.toString() : failure.getMessage())
        .remedy("run syschroot doctor as root, or mend what the message is about")
        .build();
  }

  private static void addUnseen(SystemFiles files, String where, List<Finding> findings) {
    Map<String, String> unseen = files.notLookedAt();
    if (!unseen.isEmpty()) {
      Map.Entry<String, String> first = unseen.entrySet().iterator().next();
      findings.add(
          Finding.notice("not-looked-at")
              .effect(
                  unseen.size()
                      + (unseen.size() == 1 ? " place" : " places")
                      + " in "
                      + where
                      + " could not be looked at, and may hold more to be found")
              .cause(first.getKey() + ": " + first.getValue())
              .remedy("run syschroot doctor as root, or mend what the message is about")
              .paths(List.copyOf(unseen.keySet()))
              .build());
    }
  }
}
