// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/**
 * What fstatfs(2) says of the filesystem of an open file. Immutable.
 *
 * @param type the magic number of its kind, such as {@code 0xef53}
 * @param id {@code f_fsid}: of ext2 to ext4 and btrfs made from the filesystem's own UUID, of xfs
 *     from the device number, of tmpfs another one for every mount
 * @param flags the {@code ST_} flags of the mount
 * @param full whether it says how many files it has, and that there is room for no other: neither a
 *     file nor a block is free, as always of what is read from a file by squashfuse(1)
 */
public record FileSystemStatus(long type, long id, long flags, boolean full) {}
