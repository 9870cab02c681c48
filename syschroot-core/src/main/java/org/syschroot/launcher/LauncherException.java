// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.io.IOException;
import java.util.Objects;

/** A launcher that cannot be made, written or read. The message says which, and why. */
public final class LauncherException extends IOException {
  private static final long serialVersionUID = 1;

  /** Creates the failure. */
  public LauncherException(String message) {
    super(message);
  }

  /** Creates the failure with what led to it. */
  public LauncherException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Returns what is wrong. */
  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
