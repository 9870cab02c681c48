// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.doctor.finding.Diagnosis;

/**
 * Diagnosis of images by a list of checks. What it cannot look at, for lack of a right or because
 * of damage, is a finding too, of severity notice. Immutable.
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

  /**
   * Does all checks, whatever the image holds: one that fails, or does not end, is a finding, and
   * the others are done all the same.
   */
  public Diagnosis examine(Examination examination) {
    return new Rounds(checks, examination).diagnosis();
  }
}
