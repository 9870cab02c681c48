// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import org.syschroot.kernel.Kernel;
import org.syschroot.path.HostPath;
import org.syschroot.trust.TrustedPath;

/**
 * Deletes the tree of an image, unless something is mounted in it anywhere. Nobody can bring its
 * mounts up meanwhile. Stateless; not instantiable.
 */
public final class ImageRemoval {
  private ImageRemoval() {}

  /**
   * Deletes an image's root directory and everything in it.
   *
   * @param root the image's root directory
   * @param effectiveUid the user to trust besides root, usually that of this process
   * @throws MountException if something is mounted beneath it in a mount namespace that can be
   *     read; the message names the mounts, and a process of the namespace; nothing was deleted
   * @throws org.syschroot.trust.UntrustedException if others could have changed the root
   * @throws IOException if something cannot be deleted; then the rest stays
   */
  public static void remove(Kernel kernel, HostPath root, int effectiveUid) throws IOException {
    remove(kernel, root, effectiveUid, ImageLock.DIRECTORY);
  }

  static void remove(Kernel kernel, HostPath root, int effectiveUid, HostPath locks)
      throws IOException {
    TrustedPath trust = TrustedPath.forUser(kernel, effectiveUid);
    try (Descriptor image = new Descriptor(kernel, trust.open(root))) {
      ImageLock lock = ImageLock.take(kernel, trust, locks, image.number());
      try {
        TreeRemoval.of(kernel, HostPath.of(image.path())).removeAll();
      } finally {
        lock.close();
      }
    }
  }
}
