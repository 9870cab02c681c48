// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import org.syschroot.image.ImageName;

/**
 * The counters of an image: counted by the relay's thread without any ado, and shown to others as
 * they are between two turns, when they add up.
 */
final class FeedCounters {
  long received;
  long forwarded;
  long dropped;
  long truncated;
  long withoutSender;

  private final long[] shown = new long[5];
  private long queued;
  private long queuedBytes;
  private int connections;
  private int serving;

  /** Shows the counters as they are now. */
  synchronized void show(MessageQueue queue, int connectionsNow, int servingNow) {
    shown[0] = received;
    shown[1] = forwarded;
    shown[2] = dropped;
    shown[3] = truncated;
    shown[4] = withoutSender;
    queued = queue.messages();
    queuedBytes = queue.bytes();
    connections = connectionsNow;
    serving = servingNow;
  }

  /** Returns what was shown last. Thread-safe. */
  synchronized RelayCounters snapshot(ImageName image, long reconnects) {
    return new RelayCounters(
        image,
        shown[0],
        shown[1],
        queued,
        queuedBytes,
        shown[2],
        shown[3],
        shown[4],
        reconnects,
        connections,
        serving);
  }
}
