// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.path;

import java.io.IOException;
import java.util.Objects;

/**
 * Thrown for a pathname that another user could have changed. The message says where, why and what
 * to do.
 */
public final class UntrustedException extends IOException {
  private static final long serialVersionUID = 1;

  public UntrustedException(String message) {
    super(message);
  }

  /** Returns what is wrong. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
