// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The native memory of each thread. Threads that end soon give theirs back, so that the next one
 * need not allocate. Thread-safe.
 */
final class ThreadScratch {
  private static final Queue<Scratch> IDLE = new ConcurrentLinkedQueue<>();
  private static final ThreadLocal<Scratch> OWN = ThreadLocal.withInitial(ThreadScratch::take);

  private ThreadScratch() {}

  private static Scratch take() {
    Scratch idle = IDLE.poll();
    return idle == null ? new Scratch() : idle;
  }

  /** Returns the calling thread's memory, empty. */
  static Scratch get() {
    return OWN.get().reset();
  }

  /** Gives the calling thread's memory to whoever needs some next. */
  static void release() {
    Scratch own = OWN.get();
    OWN.remove();
    IDLE.add(own);
  }
}
