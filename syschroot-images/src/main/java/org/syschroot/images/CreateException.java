// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;

/**
 * An image or its configuration file could not be made. The message names the path and says what to
 * do.
 */
public final class CreateException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with a message for people. */
  public CreateException(String message) {
    super(message);
  }

  /** Creates the exception with a message for people and its cause. */
  public CreateException(String message, Throwable cause) {
    super(message, cause);
  }
}
