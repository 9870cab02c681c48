// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.tree;

import java.io.IOException;

/**
 * Thrown if the source of an image cannot be used: it is damaged, asks for what is not allowed, or
 * something it names is missing. The message is for people.
 */
public final class SourceException extends IOException {
  private static final long serialVersionUID = 1;

  /** Creates an exception with a message. */
  public SourceException(String message) {
    super(message);
  }

  /** Creates an exception with a message and what led to it. */
  public SourceException(String message, Throwable cause) {
    super(message, cause);
  }
}
