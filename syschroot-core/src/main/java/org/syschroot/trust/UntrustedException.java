// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.trust;

import java.io.IOException;

/** A path that somebody else could have changed. The message says where, why and what to do. */
public final class UntrustedException extends IOException {
  private static final long serialVersionUID = 1;

  UntrustedException(String message) {
    super(message);
  }
}
