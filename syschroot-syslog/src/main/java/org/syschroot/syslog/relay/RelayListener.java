// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

/**
 * Is told what happens in a relay, by the relay's own thread: it should return soon, and must not
 * close the relay. What it throws is ignored.
 */
@FunctionalInterface
public interface RelayListener {
  /** Ignores everything. */
  RelayListener NONE = event -> {};

  /** Something happened. */
  void happened(RelayEvent event);
}
