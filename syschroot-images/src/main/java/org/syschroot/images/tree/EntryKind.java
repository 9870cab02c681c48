// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.tree;

/** The kinds of files that a source of an image can hold. */
public enum EntryKind {
  /** A regular file. */
  FILE,
  /** A directory. */
  DIRECTORY,
  /** A symbolic link. */
  SYMBOLIC_LINK,
  /** A further name of a file that came before. */
  HARD_LINK,
  /** A named pipe. */
  FIFO,
  /** A character or block device, which an image has from the host's {@code /dev}. */
  DEVICE,
  /** A socket, which is of no use without the process that made it. */
  SOCKET
}
