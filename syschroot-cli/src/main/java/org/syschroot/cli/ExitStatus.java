// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

/** The exit statuses of syschroot itself. */
final class ExitStatus {
  /** All is well. */
  static final int OK = 0;

  /** The question was answered with no. */
  static final int NO = 1;

  /** Wrong usage, of every command but {@code run}. */
  static final int USAGE = 2;

  /** There is nothing to answer for: the configuration has no image. */
  static final int NO_IMAGES = 3;

  /** A failure of syschroot's own. */
  static final int FAILED = 125;

  private ExitStatus() {}
}
