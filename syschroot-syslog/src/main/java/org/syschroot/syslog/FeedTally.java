// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog;

import org.syschroot.image.ImageName;

/** The counters of an image while they count. Written by one thread, read by all. */
final class FeedTally {
  final Tally received = new Tally();
  final Tally forwarded = new Tally();
  final Tally queued = new Tally();
  final Tally queuedBytes = new Tally();
  final Tally dropped = new Tally();
  final Tally truncated = new Tally();
  final Tally withoutSender = new Tally();
  final Tally connections = new Tally();
  final Tally serving = new Tally();

  RelayCounters snapshot(ImageName image, long reconnects) {
    return new RelayCounters(
        image,
        received.get(),
        forwarded.get(),
        queued.get(),
        queuedBytes.get(),
        dropped.get(),
        truncated.get(),
        withoutSender.get(),
        reconnects,
        connections.get(),
        serving.get());
  }
}
