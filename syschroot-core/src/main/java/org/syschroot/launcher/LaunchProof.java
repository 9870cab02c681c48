// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.List;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;
import org.syschroot.trust.TrustedPath;

/**
 * What a launcher proves whenever it runs: that its constant path means what it meant when it was
 * written. A path is resolved in the root directory of whoever calls, and the caller may be in an
 * image already, where ordinary users can make a directory of any name. Immutable.
 *
 * @param callersRoot the root directory that the caller must have: the host's
 * @param tree the directory that becomes the root directory; only its owner may be able to modify
 *     it then
 * @param owner the user to whom it belongs, root unless the launcher has no privilege
 * @param mounts the mount points in the image on which something must be mounted
 */
public record LaunchProof(
    DirectoryIdentity callersRoot, DirectoryIdentity tree, int owner, List<ImagePath> mounts) {
  private static final int ROOT = 0;

  /** Creates the proof of a tree that belongs to root. */
  public LaunchProof(
      DirectoryIdentity callersRoot, DirectoryIdentity tree, List<ImagePath> mounts) {
    this(callersRoot, tree, ROOT, mounts);
  }

  /** Copies the list. */
  public LaunchProof {
    mounts = List.copyOf(mounts);
  }

  /**
   * Reads what is to be proved of the host and of an image's root directory.
   *
   * @param root the image's root directory
   * @param mounts the mount points on which something must be mounted
   * @throws UntrustedException if others could change the directory, or put another one in its
   *     place or in that of a directory above it
   * @throws KernelException if a directory cannot be read
   */
  public static LaunchProof of(Kernel kernel, HostPath root, List<ImagePath> mounts)
      throws KernelException, UntrustedException {
    int directory = TrustedPath.forUser(kernel, ROOT).withoutSharedDirectories().open(root);
    try {
      return of(kernel, directory, mounts);
    } finally {
      kernel.close(directory);
    }
  }

  /**
   * Reads what is to be proved of an image's root directory for a launcher without privilege.
   *
   * @param uid the user who is trusted besides root, and to whom the image may belong
   * @throws UntrustedException if others could change the directory or a directory above it
   * @throws KernelException if a directory cannot be read
   */
  public static LaunchProof forUser(Kernel kernel, HostPath root, int uid)
      throws KernelException, UntrustedException {
    int directory = TrustedPath.forUser(kernel, uid).open(root);
    try {
      LaunchProof proof = of(kernel, directory, List.of());
      int owner = kernel.fstat(directory).uid();
      return new LaunchProof(proof.callersRoot(), proof.tree(), owner, List.of());
    } finally {
      kernel.close(directory);
    }
  }

  static LaunchProof of(Kernel kernel, int directory, List<ImagePath> mounts)
      throws KernelException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    int host = kernel.openat(Kernel.AT_FDCWD, OsString.of("/"), flags, 0);
    try {
      DirectoryIdentity from = DirectoryIdentity.of(kernel, host);
      DirectoryIdentity tree = DirectoryIdentity.of(kernel, directory);
      // The root directories of two filesystems often have the same inode number. If the rest
      // does not tell host and image from each other, the id has to, at the price that the launcher
      // must be written anew where a boot changes it.
      boolean alike = from.lasting().equals(tree.lasting());
      return new LaunchProof(alike ? from : from.lasting(), alike ? tree : tree.lasting(), mounts);
    } finally {
      kernel.close(host);
    }
  }
}
