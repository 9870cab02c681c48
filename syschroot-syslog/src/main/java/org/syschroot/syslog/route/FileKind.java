// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

import org.syschroot.kernel.FileStatus;

/** The kinds of files, by the file type bits of inode(7). */
final class FileKind {
  private static final int TYPE = 0170000;
  private static final int SOCKET = 0140000;

  private FileKind() {}

  static boolean isSocket(FileStatus status) {
    return (status.mode() & TYPE) == SOCKET;
  }

  /** Returns the words for a kind, such as {@code a FIFO}. */
  static String of(FileStatus status) {
    return switch (status.mode() & TYPE) {
      case 0010000 -> "a FIFO";
      case 0020000 -> "a character device";
      case 0040000 -> "a directory";
      case 0060000 -> "a block device";
      case 0100000 -> "a regular file";
      case 0120000 -> "a symbolic link";
      case SOCKET -> "a socket";
      default -> "a file of an unknown kind";
    };
  }
}
