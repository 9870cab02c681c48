// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import org.syschroot.kernel.KernelException;
import org.syschroot.path.ImagePath;

/** The programs in an image, as long as it is open. */
public interface ImagePrograms extends AutoCloseable {
  /**
   * Returns whether a path leads to a file that somebody may execute.
   *
   * @throws KernelException if it cannot be looked at
   */
  boolean isProgram(ImagePath path) throws KernelException;

  @Override
  void close();
}
