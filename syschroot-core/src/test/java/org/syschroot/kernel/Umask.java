// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/** The umask of this process while a test runs, umask(2). It belongs to all threads. */
public final class Umask implements AutoCloseable {
  private static final POSIX SYSTEM = POSIXFactory.getNativePOSIX();

  private final int before;

  private Umask(int before) {
    this.before = before;
  }

  /** Sets the umask until this is closed. */
  public static Umask of(int mask) {
    return new Umask(SYSTEM.umask(mask));
  }

  @Override
  public void close() {
    SYSTEM.umask(before);
  }
}
