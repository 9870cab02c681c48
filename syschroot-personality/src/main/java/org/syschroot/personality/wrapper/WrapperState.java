// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.wrapper;

import java.util.Locale;

/** What is in the place of a program that is to be wrapped. */
public enum WrapperState {
  /** The image does not have the program. */
  NO_PROGRAM,
  /** The program itself. */
  ABSENT,
  /** The wrapper, and the original beside it. */
  INSTALLED,
  /** The wrapper of another release, and the original beside it. */
  OUTDATED,
  /** The program itself and an original beside it: an update of its package put it there. */
  OVERWRITTEN,
  /** The wrapper, and no original that it could call. */
  BROKEN;

  /** Returns the name in lower case with hyphens. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
