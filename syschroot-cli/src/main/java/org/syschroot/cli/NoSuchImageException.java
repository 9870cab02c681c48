// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;

/** A name that no image has. */
final class NoSuchImageException extends IOException {
  private static final long serialVersionUID = 1;

  NoSuchImageException(String message) {
    super(message);
  }
}
