// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.desktop;

import java.io.IOException;

/** A desktop entry that cannot be made or written; the message says what to do. */
final class DesktopException extends IOException {
  private static final long serialVersionUID = 1;

  DesktopException(String message) {
    super(message);
  }
}
