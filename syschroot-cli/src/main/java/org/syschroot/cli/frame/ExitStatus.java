// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

/** The exit statuses of syschroot itself. */
public final class ExitStatus {
  /** All is well. */
  public static final int OK = 0;

  /** The question was answered with no. */
  public static final int NO = 1;

  /** Wrong usage, of every command but {@code run}. */
  public static final int USAGE = 2;

  /** There is nothing to answer for: the configuration has no image. */
  static final int NO_IMAGES = 3;

  /** A failure of syschroot's own. */
  public static final int FAILED = 125;

  private ExitStatus() {}
}
