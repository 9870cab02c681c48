// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import org.syschroot.kernel.FileStatus;
import org.syschroot.mounts.files.Descriptor;

/**
 * A mount that was just made. Closing it closes the descriptor and leaves the mount.
 *
 * @param mount a descriptor of the mount's root
 * @param source the file that is to be seen there
 */
record Attached(Descriptor mount, FileStatus source) implements AutoCloseable {
  @Override
  public void close() {
    mount.close();
  }
}
