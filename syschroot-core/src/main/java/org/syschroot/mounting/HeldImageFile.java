// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounting;

import java.io.Closeable;
import java.io.IOException;
import org.syschroot.path.HostPath;

/**
 * An image file that the kernel has read and that is mounted somewhere, so that to mount it again
 * takes little time. Implementations are thread-safe.
 */
public interface HeldImageFile extends Closeable {
  /**
   * Returns whether a pathname still leads to that file, and nothing of it was changed since.
   *
   * @throws org.syschroot.path.UntrustedException if others could write to the file or exchange it
   * @throws IOException if it cannot be looked at
   */
  boolean isOf(HostPath file) throws IOException;

  /** Lets it go when the last mount of it does. */
  @Override
  void close();
}
