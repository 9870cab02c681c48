// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor;

import java.io.IOException;
import java.util.List;
import org.syschroot.doctor.finding.Finding;

/** A check of an image for one kind of problem. Implementations only look, and are thread-safe. */
public interface Check {
  /** Returns its name, for the report of a failure. */
  default String name() {
    return getClass().getSimpleName();
  }

  /**
   * Looks at an image.
   *
   * @throws IOException if it cannot be looked at; the doctor then says so
   */
  List<Finding> examine(Examination examination) throws IOException;
}
