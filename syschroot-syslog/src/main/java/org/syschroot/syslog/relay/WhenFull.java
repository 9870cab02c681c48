// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.util.Locale;
import java.util.Optional;

/** What becomes of new messages when an image's share of the queue is full. */
public enum WhenFull {
  /**
   * The image's sockets are not read until there is room. The kernel then makes senders wait, as it
   * does when the native daemon itself is slow. Nothing is lost.
   */
  BLOCK,
  /**
   * The image's oldest messages make room. How many is told by a message of its own as soon as the
   * native daemon is back.
   */
  DROP_OLDEST;

  /** Returns the policy of this name, {@code block} or {@code drop-oldest}, or empty. */
  public static Optional<WhenFull> of(String name) {
    for (WhenFull policy : values()) {
      if (policy.toString().equals(name)) {
        return Optional.of(policy);
      }
    }
    return Optional.empty();
  }

  /** Returns the name as on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
