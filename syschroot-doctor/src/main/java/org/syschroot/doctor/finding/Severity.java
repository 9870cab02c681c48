// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.finding;

import java.util.Locale;

/** How bad a finding is. */
public enum Severity {
  /** Programs will not run, or others than root can change what runs. */
  ERROR,
  /** Programs will run, but something will be different from the native system, or unsafe. */
  WARNING,
  /** Good to know; also what could not be looked at. */
  NOTICE;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
