// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.start;

import java.util.Objects;

/** Thrown if a start cannot be left for the next one; the message says why. */
public final class NotCachedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public NotCachedException(String reason) {
    super(reason, null, false, false);
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
