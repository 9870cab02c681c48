// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.OptionalLong;
import java.util.Set;
import org.syschroot.kernel.FileSystemStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;

/**
 * By what a launcher recognizes a directory when it runs. Immutable.
 *
 * <p>The number of the device is not part of it, since another boot may number devices differently.
 * The kind of filesystem is: with FUSE an ordinary user can show any inode number and any owner,
 * but not as another kind.
 *
 * @param inode the inode number
 * @param fileSystem the magic number of the kind of filesystem, as in statfs(2)
 * @param id {@code f_fsid} of the filesystem, or empty if another boot may change it
 */
public record DirectoryIdentity(long inode, long fileSystem, OptionalLong id) {
  private static final long EXT = 0xef53;
  private static final long BTRFS = 0x9123683eL;

  /** These make their id from the UUID that is stored in them. */
  private static final Set<Long> WITH_LASTING_ID = Set.of(EXT, BTRFS);

  /**
   * Reads the identity of an open directory.
   *
   * @throws KernelException if it cannot be read
   */
  static DirectoryIdentity of(Kernel kernel, int fd) throws KernelException {
    FileSystemStatus status = kernel.fstatfs(fd);
    return new DirectoryIdentity(
        kernel.fstat(fd).inode(), status.type(), OptionalLong.of(status.id()));
  }

  /** Returns the part of it that another boot does not change. */
  DirectoryIdentity lasting() {
    return WITH_LASTING_ID.contains(fileSystem)
        ? this
        : new DirectoryIdentity(inode, fileSystem, OptionalLong.empty());
  }
}
