// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.io.IOException;

/** A socket of an image cannot be made though no system call failed. The message says why. */
final class NotServableException extends IOException {
  private static final long serialVersionUID = 1;

  NotServableException(String message) {
    super(message);
  }
}
