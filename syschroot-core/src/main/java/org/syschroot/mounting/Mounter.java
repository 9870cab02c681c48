// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounting;

import java.io.IOException;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.KernelException;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.path.HostPath;

/**
 * Carries out mount steps in an image. Core only knows that it can be done; the mounts module knows
 * how.
 */
@FunctionalInterface
public interface Mounter {
  /**
   * Mounts one step in the mount namespace of the calling thread.
   *
   * @param imageRoot a descriptor of the image's root directory
   * @throws IOException if it fails, most often a {@link org.syschroot.kernel.KernelException}; a
   *     mount point that was missing may have been created
   */
  void mount(int imageRoot, MountSelection.Mount mount) throws IOException;

  /**
   * Mounts the filesystem that a file holds, read-only, in the mount namespace of the calling
   * thread.
   *
   * @param root the directory to mount on, which is made if it is missing
   * @throws org.syschroot.path.UntrustedException if others could write to the file or exchange it
   * @throws IOException if it holds no filesystem of images, or cannot be mounted
   */
  default void mountImageFile(HostPath file, HostPath root) throws IOException {
    throw new KernelException("mount", file.toString(), Errno.ENOSYS.number());
  }

  /**
   * Mounts the filesystem that a file holds as {@link #mountImageFile} does, so that it takes
   * little time to mount the unchanged file again while the result is not closed.
   *
   * @throws org.syschroot.path.UntrustedException if others could write to the file or exchange it
   * @throws IOException if it holds no filesystem of images, or cannot be mounted
   */
  default HeldImageFile holdImageFile(HostPath file, HostPath root) throws IOException {
    throw new KernelException("mount", file.toString(), Errno.ENOSYS.number());
  }

  /**
   * Makes the root directory of an image a mount point in the mount namespace of the calling
   * thread, with the mount points that its tree lacks.
   *
   * @param imageRoot a descriptor of the image's root directory, which stays open
   * @return a descriptor of the new root directory, which the caller closes; {@code imageRoot} from
   *     a mounter that cannot do it, where nothing is to be added
   * @throws IOException if it fails
   */
  default int mountRoot(int imageRoot, RootLayers layers) throws IOException {
    if (layers.isOverlay()) {
      throw new KernelException("mount", layers.source().toString(), Errno.ENOSYS.number());
    }
    return imageRoot;
  }

  /**
   * Checks that what the image has at the place of one step, if anything, can be mounted on: before
   * the first mount, so that nothing is created for mounts that are not made.
   *
   * @param imageRoot a descriptor of the image's root directory
   * @throws IOException if the one is a directory and the other is not
   */
  default void checkMountPoint(int imageRoot, MountSelection.Mount mount) throws IOException {}

  /**
   * Makes the place that one step is mounted on, if it is missing: for a mount that is made by
   * somebody who cannot. Nothing is done where that is not needed.
   *
   * @param imageRoot a descriptor of the image's root directory
   * @throws IOException if it is missing and cannot be made
   */
  default void makeMountPoint(int imageRoot, MountSelection.Mount mount) throws IOException {}
}
