// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

/**
 * How much memory the unfinished messages of all stream connections may take. For one thread.
 *
 * <p>Without it, a thousand connections that each send the beginning of a long message would.
 */
final class StreamBudget {
  private int left;

  StreamBudget(int bytes) {
    this.left = bytes;
  }

  /** Returns how much of {@code wanted} may be taken, and takes it. */
  int take(int wanted) {
    int taken = Math.min(wanted, left);
    left -= taken;
    return taken;
  }

  void give(int bytes) {
    left += bytes;
  }
}
