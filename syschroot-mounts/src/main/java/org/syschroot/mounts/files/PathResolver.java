// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.files;

import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.trust.ConfinedPath;

/** Opens paths so that no symbolic link leads where it should not. Thread-safe. */
public final class PathResolver {
  private final Kernel kernel;
  private final ConfinedPath paths;

  public PathResolver(Kernel kernel) {
    this.kernel = kernel;
    this.paths = new ConfinedPath(kernel);
  }

  /**
   * Opens a path of an image as an {@code O_PATH} descriptor.
   *
   * @param flags {@code O_DIRECTORY} or 0
   */
  public Descriptor inImage(int imageRoot, ImagePath path, int flags) throws KernelException {
    return Descriptor.opened(kernel, paths.inImage(imageRoot, path, flags));
  }

  /**
   * Opens a path of an image as an {@code O_PATH} descriptor; {@code ELOOP} if there is a symbolic
   * link in it.
   *
   * @param ofDirectory whether it must be a directory
   */
  public Descriptor inImageWithoutLinks(int imageRoot, ImagePath path, boolean ofDirectory)
      throws KernelException {
    int flags = ofDirectory ? OpenFlags.O_DIRECTORY : 0;
    return Descriptor.opened(kernel, paths.inImageWithoutLinks(imageRoot, path, flags));
  }

  /**
   * Opens a path of the native system as an {@code O_PATH} descriptor; {@code ELOOP} if there is a
   * symbolic link in it. Paths in a mount table have none.
   */
  public Descriptor withoutLinks(HostPath path, int flags) throws KernelException {
    return Descriptor.opened(kernel, paths.withoutLinks(path, flags));
  }
}
