// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.spawn;

import org.jspecify.annotations.Nullable;

/**
 * Memory that is let go of right before a stream of Java is opened. Such a stream opens its file
 * first and takes memory after that: in a full heap the constructor fails, and nobody closes the
 * descriptor. The collector, which runs then, finds this instead. For one thread at a time.
 */
final class MemoryReserve {
  private static final int BYTES = 1024; // a stream takes less than 300

  @SuppressWarnings("UnusedVariable") // it is only to be there
  private byte @Nullable [] bytes = new byte[BYTES];

  /** Lets go of it. */
  void release() {
    bytes = null;
  }
}
