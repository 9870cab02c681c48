// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

/**
 * The first words of the interpreter's frame. An operand is one of them plus a constant, so that
 * the interpreter needs no distinction of cases. The order is that of the words.
 */
public enum Base {
  /** 0, for plain numbers. */
  ZERO,
  /** Where the file is mapped: the constant is an offset in the file. */
  DATA,
  /** The frame itself. */
  FRAME,
  /** The caller's argument vector. */
  ARGV,
  /** The caller's environment vector. */
  ENVP,
  /** What the last system call returned. */
  RESULT,
  /** The element of a vector where {@link Action#FIND} stopped. */
  SLOT,
  /** The string that {@link Action#FIND} or {@link Action#PICK} has come to. */
  TEXT,
  /** The length of the string that {@link Action#PICK} has come to. */
  LENGTH,
  /** What the exit status of a failure is above 125; 0 unless the table sets it. */
  STATUS,
  /** Any number the table wants to keep; set by the table. */
  KEPT,
  /** The fourth argument of system calls; 0 unless the table sets it. */
  FOURTH,
  /** The fifth argument of system calls; 0 unless the table sets it. */
  FIFTH,
  /** The soft limit, if the table lets the kernel write a limit here. */
  SOFT,
  /** The hard limit, which the kernel writes behind it. */
  HARD,
  /** The descriptor of a mount that is not attached yet; set by the table. */
  TREE,
  /** The descriptor of a place to mount on; set by the table. */
  TARGET,
  /** A number that is too large for an operand, or a descriptor for a short time. */
  NUMBER;

  /** Where the vector for writev(2) is in the frame. */
  static final int MESSAGE = 288;

  /** Where the current directory is kept in the frame. */
  static final int DIRECTORY = 416;

  /** The longest current directory, NUL included: {@code PATH_MAX}. */
  static final int DIRECTORY_BYTES = 4096;

  /** Where a vector of one string can be made in the frame. */
  static final int VECTOR = DIRECTORY + DIRECTORY_BYTES;

  /** Where a limit is kept in the frame, with a word before and after it. */
  static final int LIMIT = VECTOR + 32;

  /** Where statx(2) and statfs(2) write what they say of a file or of its filesystem. */
  static final int STATUS_OF_FILE = 4608;

  /** Where statx(2) writes what it says of the caller's directory. */
  static final int STATUS_OF_DIRECTORY = STATUS_OF_FILE + 256;

  /** Where a word is kept: whether the caller may write in its directory. */
  static final int UNWRITABLE = STATUS_OF_DIRECTORY + 256;

  /** Where a map of user or group numbers is put together. */
  static final int ID_MAP = 5136;

  /** Where the beginning of a program's file is read to. */
  static final int HEAD = ID_MAP + 32;

  /** Where a program for any call keeps words of its own, see {@link StartVectors}. */
  static final int START = HEAD + 272;

  /** Returns the offset of the word in the frame. */
  int inFrame() {
    return 8 * ordinal();
  }
}
