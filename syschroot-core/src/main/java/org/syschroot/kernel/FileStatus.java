// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/**
 * What statx(2) says of a file. Immutable.
 *
 * @param device the device number of the file system
 * @param inode the inode number
 * @param mode file type and permission bits, as in inode(7)
 * @param uid the owner
 * @param gid the group
 * @param mountId the mount it was reached through, as in mountinfo; -1 before Linux 5.8
 * @param links the number of hard links; 0 if the last one has been removed
 */
public record FileStatus(
    long device, long inode, int mode, int uid, int gid, long mountId, int links) {
  private static final int S_IFMT = 0170000;
  private static final int S_IFDIR = 0040000;
  private static final int S_IFREG = 0100000;
  private static final int S_IFLNK = 0120000;
  private static final int S_ISVTX = 01000;
  private static final int S_IWGRP_OR_OTH = 0022;

  /** Creates the status of a file with one link. */
  public FileStatus(long device, long inode, int mode, int uid, int gid, long mountId) {
    this(device, inode, mode, uid, gid, mountId, 1);
  }

  /** Returns whether this is a directory. */
  public boolean isDirectory() {
    return (mode & S_IFMT) == S_IFDIR;
  }

  /** Returns whether this is a regular file. */
  public boolean isRegularFile() {
    return (mode & S_IFMT) == S_IFREG;
  }

  /** Returns whether this is a symbolic link. */
  public boolean isSymbolicLink() {
    return (mode & S_IFMT) == S_IFLNK;
  }

  /** Returns whether the group or others may write to it. */
  public boolean isWritableByOthers() {
    return (mode & S_IWGRP_OR_OTH) != 0;
  }

  /** Returns whether only the owner of an entry may rename or remove it (the sticky bit). */
  public boolean isSticky() {
    return (mode & S_ISVTX) != 0;
  }

  /** Returns the permission bits, 0 to 07777. */
  public int permissions() {
    return mode & 07777;
  }

  /** Returns whether this is the same file as another: same device and inode. */
  public boolean sameFileAs(FileStatus other) {
    return device == other.device && inode == other.inode;
  }
}
