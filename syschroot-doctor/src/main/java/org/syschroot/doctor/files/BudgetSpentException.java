// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.files;

/**
 * Thrown by {@link SystemFiles} where looking further would take more time or memory than there is
 * for it. Unchecked, since every look at a file can end so, and no check can go on.
 */
public final class BudgetSpentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception.
   *
   * @param reason what there is too much of, and where
   */
  public BudgetSpentException(String reason) {
    super(reason);
  }
}
