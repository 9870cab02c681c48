// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import org.syschroot.kernel.Errno;

/** An errno on its way from a model to the call that asked it. */
final class Refusal extends Exception {
  private static final long serialVersionUID = 1;

  private final Errno errno;

  Refusal(Errno errno) {
    super(errno.toString());
    this.errno = errno;
  }

  Errno errno() {
    return errno;
  }
}
