// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Reads what the kernel answers to {@code SOCK_DIAG_BY_FAMILY} of Unix sockets, netlink(7). */
final class SocketListing {
  private static final int NLMSG_ERROR = 2;
  private static final int NLMSG_DONE = 3;
  private static final int HEADER = 16; // struct nlmsghdr
  private static final int MESSAGE = 16; // struct unix_diag_msg
  private static final int ATTRIBUTE = 4; // struct rtattr
  private static final int UNIX_DIAG_VFS = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int LISTENING = 10; // TCP_LISTEN, net/tcp_states.h
  private static final int ALIGNMENT = 4;
  private static final long UNSIGNED_INT = 0xffffffffL;

  private final List<BoundSocket> bound;

  SocketListing(List<BoundSocket> bound) {
    this.bound = bound;
  }

  /**
   * Adds what one read(2) has given.
   *
   * @return whether there is more to be read
   */
  boolean add(byte[] block) throws KernelException {
    ByteBuffer bytes = ByteBuffer.wrap(block).order(ByteOrder.nativeOrder());
    int start = 0;
    while (start + HEADER <= bytes.capacity()) {
      int length = bytes.getInt(start);
      short type = bytes.getShort(start + 4);
      if (type == NLMSG_DONE || length < HEADER) {
        return false;
      }
      if (type == NLMSG_ERROR) {
        throw new KernelException("sock_diag", "AF_UNIX", -bytes.getInt(start + HEADER));
      }
      int end = Math.min(start + length, bytes.capacity());
      addSocket(bytes, start + HEADER, end);
      start += align(length);
    }
    return block.length > 0;
  }

  /** Sockets that were accepted have the file of their listener too, and are passed over. */
  private void addSocket(ByteBuffer bytes, int message, int end) {
    int kind = bytes.get(message + 1);
    int state = bytes.get(message + 2);
    if (kind != SOCK_DGRAM && state != LISTENING) {
      return;
    }
    long inode = bytes.getInt(message + 4) & UNSIGNED_INT;
    int attribute = message + MESSAGE;
    while (attribute + ATTRIBUTE <= end) {
      int length = bytes.getShort(attribute) & 0xffff;
      if (bytes.getShort(attribute + 2) == UNIX_DIAG_VFS) {
        long file = bytes.getInt(attribute + ATTRIBUTE) & UNSIGNED_INT;
        long device = bytes.getInt(attribute + ATTRIBUTE + 4) & UNSIGNED_INT;
        bound.add(new BoundSocket(inode, device, file));
      }
      attribute += align(Math.max(length, ATTRIBUTE));
    }
  }

  private static int align(int length) {
    return (length + ALIGNMENT - 1) & -ALIGNMENT;
  }
}
