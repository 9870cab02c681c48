// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

/**
 * Listener for events of a relay, called by the thread of the relay: it should return soon, and
 * must not close the relay. What it throws is ignored.
 */
@FunctionalInterface
public interface RelayListener {
  /** Ignores everything. */
  RelayListener NONE = event -> {};

  /** Something happened. */
  void happened(RelayEvent event);
}
