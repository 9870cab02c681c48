// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

/** How much of a repeated test is done: little in every run, all of it by {@code -Pstress}. */
public final class Dose {
  private static final boolean STRESS = Boolean.getBoolean("syschroot.tests.stress");

  private Dose() {}

  /** Returns whether this is a run of the heavy doses. */
  public static boolean isHeavy() {
    return STRESS;
  }

  /** Returns the number of repetitions of this run. */
  public static int of(int everyRun, int stress) {
    return STRESS ? stress : everyRun;
  }
}
