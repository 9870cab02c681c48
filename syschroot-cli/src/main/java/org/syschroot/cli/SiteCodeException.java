// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

/** Code of the site that failed, and with it what it was called for. */
final class SiteCodeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  SiteCodeException(String message, RuntimeException cause) {
    super(message, cause);
  }
}
