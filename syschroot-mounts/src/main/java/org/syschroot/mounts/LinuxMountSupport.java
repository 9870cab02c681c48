// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.Set;
import org.syschroot.kernel.Kernel;
import org.syschroot.mount.MountSupport;
import org.syschroot.mount.Mounter;
import org.syschroot.path.HostPath;

/** Offers this module to core. Immutable and thread-safe. */
public final class LinuxMountSupport implements MountSupport {
  /** Called by {@link java.util.ServiceLoader}. */
  public LinuxMountSupport() {}

  @Override
  public Mounter mounter(Kernel kernel) {
    return new DescriptorMounter(kernel);
  }

  @Override
  public Set<HostPath> mountPoints() throws IOException {
    return MountPoints.ofThisProcess().now();
  }
}
