// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.PathResolver;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.HostPath;

/** Opens mounts that a mount table names. Not instantiable. */
final class MountedDescriptor {
  private MountedDescriptor() {}

  /**
   * Opens the root of a mount.
   *
   * @throws MountException if another mount is seen at its target
   */
  static Descriptor open(PathResolver resolver, MountEntry entry) throws IOException {
    Descriptor found = resolver.withoutLinks(HostPath.of(entry.target()), 0);
    try {
      if (found.mountId() != entry.id()) {
        throw new MountException(
            "the mount on " + entry.target() + " is hidden by another mount, or was removed");
      }
      return found;
    } catch (IOException e) {
      found.close();
      throw e;
    }
  }

  /**
   * Checks that a mount is seen at its target, and leaves no descriptor that keeps it busy. One
   * whose server is gone may not even be opened, and on the way to others there may be directories
   * that not even root can search, so the mount table has to do.
   */
  static void check(Kernel kernel, PathResolver resolver, MountEntry entry) throws IOException {
    try {
      open(resolver, entry).close();
    } catch (KernelException e) {
      boolean isSeen =
          MountTable.read(kernel)
              .at(HostPath.of(entry.target()))
              .filter(at -> at.id() == entry.id())
              .isPresent();
      if (!isSeen) {
        throw e;
      }
    }
  }
}
