// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.time.Duration;

/**
 * Signals as events, for a service. Implementations are thread-safe.
 *
 * <p>A signal that is sent to a process goes to any thread that does not block it, so all threads
 * have to block those that are waited for. A JVM's threads do if its start script did.
 */
public interface SignalCalls {
  /** SIGHUP. */
  int SIGHUP = 1;

  /** SIGINT. */
  int SIGINT = 2;

  /** SIGUSR1. */
  int SIGUSR1 = 10;

  /** SIGTERM. */
  int SIGTERM = 15;

  /** Returns the bit of a signal in a mask: bit n-1 is signal n. */
  static long bit(int signal) {
    return 1L << (signal - 1);
  }

  /**
   * Waits for one of some signals and takes it, sigtimedwait(2).
   *
   * @param signals a mask of them
   * @param longest how long to wait at most
   * @return the signal, or 0 if the time is over
   */
  int await(long signals, Duration longest) throws KernelException;
}
