// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounting;

import java.util.Set;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mountplan.HostFiles;
import org.syschroot.path.HostPath;

/**
 * Looks at files through the kernel, so that paths need not be valid in any charset. Immutable and
 * thread-safe.
 *
 * @param kernel the kernel that is asked
 */
public record KernelFiles(Kernel kernel) implements HostFiles {
  private static final Set<Errno> MISSING = Set.of(Errno.ENOENT, Errno.ENOTDIR, Errno.ELOOP);

  @Override
  public Kind kind(HostPath path) {
    try {
      int file = kernel.openat(Kernel.AT_FDCWD, path.value(), OpenFlags.O_PATH, 0);
      try {
        return kernel.fstat(file).isDirectory() ? Kind.DIRECTORY : Kind.FILE;
      } finally {
        kernel.close(file);
      }
    } catch (KernelException e) {
      for (Errno missing : MISSING) {
        if (e.is(missing)) {
          return Kind.MISSING;
        }
      }
      return Kind.UNSEEN;
    }
  }
}
