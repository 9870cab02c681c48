// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.List;
import java.util.Set;
import org.syschroot.host.VersionsDirectory;
import org.syschroot.kernel.Errno;
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
 * @param exchangeable whether the image has versions: then {@code tree} is the directory that holds
 *     its root directory, to which the same applies, and the root directory is whichever its owner
 *     has put there
 */
public record LaunchProof(
    DirectoryIdentity callersRoot,
    DirectoryIdentity tree,
    int owner,
    List<ImagePath> mounts,
    boolean exchangeable) {
  private static final int ROOT = 0;

  /** Creates the proof of a tree that stays the same. */
  public LaunchProof(
      DirectoryIdentity callersRoot, DirectoryIdentity tree, int owner, List<ImagePath> mounts) {
    this(callersRoot, tree, owner, mounts, false);
  }

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
   * @param owners the users besides root to whom the directory may belong
   * @throws UntrustedException if others could change the directory, or put another one in its
   *     place or in that of a directory above it
   * @throws KernelException if a directory cannot be read
   */
  public static LaunchProof of(
      Kernel kernel, HostPath root, List<ImagePath> mounts, Set<Integer> owners)
      throws KernelException, UntrustedException {
    TrustedPath trust =
        TrustedPath.forUser(kernel, ROOT).trusting(owners).withoutSharedDirectories();
    int directory = trust.open(root);
    try {
      return ofTree(kernel, trust, root, directory, mounts);
    } finally {
      kernel.close(directory);
    }
  }

  /** Reads what is to be proved of a directory that belongs to root. */
  public static LaunchProof of(Kernel kernel, HostPath root, List<ImagePath> mounts)
      throws KernelException, UntrustedException {
    return of(kernel, root, mounts, Set.of());
  }

  private static LaunchProof ofTree(
      Kernel kernel, TrustedPath trust, HostPath root, int directory, List<ImagePath> mounts)
      throws KernelException, UntrustedException {
    int owner = kernel.fstat(directory).uid();
    if (root.isRoot() || !hasVersions(kernel, VersionsDirectory.of(root), owner)) {
      LaunchProof proof = of(kernel, directory, mounts);
      return new LaunchProof(proof.callersRoot, proof.tree, owner, mounts);
    }
    int holder = trust.open(holder(root));
    try {
      if (kernel.fstat(holder).uid() != owner) {
        throw new UntrustedException(
            holder(root) + " and the image's root directory in it belong to different users");
      }
      LaunchProof proof = of(kernel, holder, mounts);
      return new LaunchProof(proof.callersRoot, proof.tree, owner, mounts, true);
    } finally {
      kernel.close(holder);
    }
  }

  /** Returns the directory that holds an image's root directory. */
  static HostPath holder(HostPath root) {
    int end = root.value().length() - root.value().baseName().length();
    return HostPath.of(root.value().slice(0, end));
  }

  /** A directory of somebody else's that has the name does not count. */
  private static boolean hasVersions(Kernel kernel, HostPath versions, int owner)
      throws KernelException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    try {
      int directory = kernel.openat(Kernel.AT_FDCWD, versions.value(), flags, 0);
      try {
        return kernel.fstat(directory).uid() == owner;
      } finally {
        kernel.close(directory);
      }
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP)) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Reads what is to be proved of an image's root directory for a launcher without privilege.
   *
   * @param uid the user who is trusted besides root, and to whom the image may belong
   * @param owners further users to whom it may belong
   * @throws UntrustedException if others could change the directory or a directory above it
   * @throws KernelException if a directory cannot be read
   */
  public static LaunchProof forUser(Kernel kernel, HostPath root, int uid, Set<Integer> owners)
      throws KernelException, UntrustedException {
    TrustedPath trust = TrustedPath.forUser(kernel, uid).trusting(owners);
    int directory = trust.open(root);
    try {
      return ofTree(kernel, trust, root, directory, List.of());
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
