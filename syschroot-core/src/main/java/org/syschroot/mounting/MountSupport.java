// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounting;

import org.syschroot.kernel.Kernel;

/**
 * What core needs of a module that can mount, found with {@link java.util.ServiceLoader}.
 * Implementations are thread-safe.
 */
public interface MountSupport {
  /** Returns a mounter that makes its calls on {@code kernel}. */
  Mounter mounter(Kernel kernel);

  /** Returns what tells the state of mounts, through {@code kernel}. */
  MountSurvey survey(Kernel kernel);
}
