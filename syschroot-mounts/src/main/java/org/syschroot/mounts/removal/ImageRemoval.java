// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.removal;

import java.io.IOException;
import java.util.Optional;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.mounts.MountException;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.ImageLock;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.mounts.tree.TreeRemoval;
import org.syschroot.mounts.tree.TreeUsers;
import org.syschroot.path.HostPath;
import org.syschroot.trust.TrustedPath;

/**
 * Deletion of the root directory of an image, refused while a command runs in it, or anything is
 * mounted in it in any mount namespace. Nobody can bring its mounts up meanwhile. Stateless; not
 * instantiable.
 *
 * <p>To use in the place of any other recursive deletion: a bind mount in the tree would lead to
 * files of the host.
 *
 * <pre>{@code
 * ImageRemoval.remove(sl5.root());
 * }</pre>
 */
public final class ImageRemoval {
  private static final int ROOT = 0;

  private ImageRemoval() {}

  /**
   * Deletes an image's root directory and everything in it, as the user of this process.
   *
   * @param root the image's root directory
   * @throws MountException if it is in use, as {@link #remove(Kernel, HostPath, int)}
   * @throws IOException if something cannot be deleted; then the rest stays
   */
  public static void remove(HostPath root) throws IOException {
    remove(LinuxKernel.running(), root, LinuxProcessCalls.running().effectiveUid());
  }

  /**
   * Deletes an image's root directory and everything in it.
   *
   * @param root the image's root directory
   * @param effectiveUid the user to trust besides root, usually that of this process
   * @throws MountException if a process has its root directory there, if something is mounted on
   *     it, or beneath it in a mount namespace that can be read (the message names the mounts, and
   *     a process of the namespace), or if a symbolic link leads to it; nothing was deleted
   * @throws org.syschroot.path.UntrustedException if others could have changed the root
   * @throws IOException if something cannot be deleted; then the rest stays
   */
  public static void remove(Kernel kernel, HostPath root, int effectiveUid) throws IOException {
    remove(kernel, root, effectiveUid, ImageLock.DIRECTORY);
  }

  /**
   * Checks that an image's root directory would be deleted, and changes nothing.
   *
   * @throws MountException if something is mounted, as {@link #remove}
   * @throws IOException if that cannot be found out
   */
  public static void check(Kernel kernel, HostPath root, int effectiveUid) throws IOException {
    TrustedPath trust = TrustedPath.forUser(kernel, effectiveUid);
    try (Descriptor image = Descriptor.opened(kernel, trust.open(root))) {
      removable(kernel, root, image).check();
    }
  }

  private static TreeRemoval removable(Kernel kernel, HostPath root, Descriptor image)
      throws IOException {
    HostPath tree = HostPath.of(image.path());
    requireNamed(root, tree);
    requireNoMount(kernel, tree);
    requireNoCommand(kernel, tree, image);
    return TreeRemoval.of(kernel, tree);
  }

  static void remove(Kernel kernel, HostPath root, int effectiveUid, HostPath locks)
      throws IOException {
    TrustedPath trust = TrustedPath.forUser(kernel, effectiveUid);
    try (Descriptor image = Descriptor.opened(kernel, trust.open(root))) {
      if (effectiveUid != ROOT) {
        // The lock is for those who mount in an image, which is root alone.
        removable(kernel, root, image).removeAll();
        return;
      }
      ImageLock lock = ImageLock.take(kernel, trust, locks, image.number());
      try {
        removable(kernel, root, image).removeAll();
      } finally {
        lock.close();
      }
    }
  }

  /** Whoever deletes must know what: a link can lead to what is no image. */
  private static void requireNamed(HostPath root, HostPath tree) throws MountException {
    if (!tree.equals(root)) {
      throw new MountException(
          "will not delete " + tree + ", because a symbolic link in " + root + " points to it");
    }
  }

  private static void requireNoCommand(Kernel kernel, HostPath tree, Descriptor image)
      throws IOException {
    Optional<String> user = new TreeUsers(kernel, image).running();
    if (user.isPresent()) {
      throw new MountException(
          "will not delete " + tree + " while " + user.get() + " runs in it: wait for its end");
    }
  }

  /** What is mounted there may be a directory that is in use elsewhere. */
  private static void requireNoMount(Kernel kernel, HostPath tree) throws IOException {
    if (MountTable.read(kernel).at(tree).isPresent()) {
      throw new MountException("will not delete what is mounted on " + tree + ": unmount it first");
    }
  }
}
