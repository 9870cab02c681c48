// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.util.concurrent.atomic.AtomicLong;

/** A number that one thread changes and others read. */
final class Counter {
  private final AtomicLong value = new AtomicLong();

  void add(long more) {
    value.lazySet(value.getPlain() + more);
  }

  void set(long now) {
    value.lazySet(now);
  }

  long get() {
    return value.get();
  }
}
