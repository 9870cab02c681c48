// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.rpm;

/** An image's database could not be read by the host's rpm; the message says why. */
public final class RpmException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean missing;

  private RpmException(String message, boolean missing) {
    super(message);
    this.missing = missing;
  }

  static RpmException unreadable(String reason) {
    return new RpmException("the host's rpm cannot read the image's database: " + reason, false);
  }

  static RpmException missing() {
    return new RpmException(
        "the image's package database is of rpm, and the host has no rpm to read it", true);
  }

  /** Returns whether it is the host that lacks rpm. */
  public boolean isMissing() {
    return missing;
  }
}
