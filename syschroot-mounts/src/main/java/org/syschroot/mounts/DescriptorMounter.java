// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import org.syschroot.kernel.Kernel;
import org.syschroot.mount.MountSelection;
import org.syschroot.mount.Mounter;

/**
 * Mounts in an image by descriptors, verifying each mount: what a switch uses in its own mount
 * namespace, where nothing has to be taken back. Thread-safe as far as its kernel is.
 */
public final class DescriptorMounter implements Mounter {
  private final MountEngine engine;

  /** Creates a mounter that makes its calls on {@code kernel}. */
  public DescriptorMounter(Kernel kernel) {
    this.engine = new MountEngine(kernel);
  }

  @Override
  public void mount(int imageRoot, MountSelection.Mount mount) throws IOException {
    engine.mount(imageRoot, mount).close();
  }
}
