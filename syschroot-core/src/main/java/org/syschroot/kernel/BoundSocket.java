// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/**
 * A Unix socket that takes what is sent to a file: one for datagrams, or one that listens. As the
 * kernel lists it, sock_diag(7). Immutable.
 *
 * @param inode the number of the socket, as in {@code socket:[NUMBER]} of {@code /proc/PID/fd}
 * @param device the device number of the file, as {@code dev_t} within the kernel
 * @param file the lower 32 bits of the file's inode number
 */
public record BoundSocket(long inode, long device, long file) {
  private static final int MINOR_BITS = 20;
  private static final long UNSIGNED_INT = 0xffffffffL;

  /** Returns whether it is bound to a file: the same one, not one that has its name now. */
  public boolean isBoundTo(FileStatus status) {
    long major = status.device() >>> Integer.SIZE;
    long minor = status.device() & UNSIGNED_INT;
    return device == ((major << MINOR_BITS | minor) & UNSIGNED_INT)
        && file == (status.inode() & UNSIGNED_INT);
  }
}
