// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

/**
 * How much of something limited the images' queues may take: messages, or bytes. Half of it is
 * divided evenly, so that every image has its part whatever the others do; the other half goes to
 * whoever needs it. An image alone has all of it. For one thread.
 */
final class QueueRoom {
  private final long limit;
  private final long part;
  private long claimed;

  QueueRoom(long limit, int images) {
    this.limit = limit;
    this.part = images == 1 ? 0 : limit / 2 / images;
    this.claimed = part * images;
  }

  /** Returns how much more an image may take that has taken {@code used}; not below 0. */
  long left(long used) {
    return Math.max(0, limit - (claimed - Math.max(part, used)) - used);
  }

  /** Notes that an image takes {@code now}, no longer {@code before}. */
  void change(long before, long now) {
    claimed += Math.max(part, now) - Math.max(part, before);
  }
}
