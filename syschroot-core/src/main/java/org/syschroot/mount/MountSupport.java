// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mount;

import java.io.IOException;
import java.util.Set;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.HostPath;

/**
 * What core needs of a module that can mount, found with {@link java.util.ServiceLoader}.
 * Implementations are thread-safe.
 */
public interface MountSupport {
  /** Returns a mounter that makes its calls on {@code kernel}. */
  Mounter mounter(Kernel kernel);

  /**
   * Returns where something is mounted in the mount namespace of this process.
   *
   * @throws IOException if the mount table cannot be read
   */
  Set<HostPath> mountPoints() throws IOException;
}
