// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.frame;

import java.io.IOException;

/** A name that no image has. */
public final class NoSuchImageException extends IOException {
  private static final long serialVersionUID = 1;

  public NoSuchImageException(String message) {
    super(message);
  }
}
