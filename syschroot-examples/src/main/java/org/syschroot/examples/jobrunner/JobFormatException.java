// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.examples.jobrunner;

import java.io.IOException;

/** A job file that cannot be understood; the message says where and what is allowed. */
final class JobFormatException extends IOException {
  private static final long serialVersionUID = 1;

  JobFormatException(String message) {
    super(message);
  }
}
