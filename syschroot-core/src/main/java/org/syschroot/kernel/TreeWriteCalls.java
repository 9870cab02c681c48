// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.List;
import org.syschroot.path.OsString;

/**
 * The system calls for making a tree of files by name in open directories. No symbolic link is
 * followed at the end of a name.
 *
 * <p>Every method throws {@link KernelException} with the errno that its manual page lists.
 * Implementations are thread-safe.
 */
public interface TreeWriteCalls {
  /** The next byte of data at or after an offset, lseek(2): {@code ENXIO} if there is none. */
  int SEEK_DATA = 3;

  /** The next hole at or after an offset, lseek(2); the end of a file counts as one. */
  int SEEK_HOLE = 4;

  /** An offset from the beginning of a file, lseek(2). */
  int SEEK_SET = 0;

  /** Writes some bytes of an array, write(2) until nothing is left. */
  void write(int fd, byte[] bytes, int offset, int length) throws KernelException;

  /**
   * Moves the position of an open file, lseek(2).
   *
   * @return the new position, in bytes from the beginning
   */
  long lseek(int fd, long offset, int whence) throws KernelException;

  /** Sets the size of an open file in bytes, ftruncate(2); what is added is a hole. */
  void ftruncate(int fd, long size) throws KernelException;

  /**
   * Copies from the position of one regular file to that of another, sendfile(2).
   *
   * @param length the greatest number of bytes
   * @return the number of bytes copied; 0 at the end of the source
   */
  long sendfile(int to, int from, long length) throws KernelException;

  /** Changes owner and group, fchownat(2). Clears set-user-ID bits and capabilities. */
  void chown(int directory, OsString name, int uid, int gid) throws KernelException;

  /**
   * Sets the times of last access and change of content, utimensat(2).
   *
   * @param name a name in the directory; empty for what the descriptor refers to, which then must
   *     not be an {@code O_PATH} one
   * @param seconds since 1970-01-01 UTC
   * @param nanoseconds 0 to 999 999 999
   */
  void setTimes(int directory, OsString name, long seconds, int nanoseconds) throws KernelException;

  /** Gives a file a second name, which can be in another directory, linkat(2). */
  void link(int fromDirectory, OsString from, int toDirectory, OsString to) throws KernelException;

  /** Creates a FIFO, mknodat(2). */
  void mkfifo(int directory, OsString name, int mode) throws KernelException;

  /** Returns the names of the extended attributes of a file of a directory, llistxattr(2). */
  List<OsString> attributes(int directory, OsString name) throws KernelException;

  /** Returns an extended attribute of a file of a directory, lgetxattr(2). */
  byte[] attribute(int directory, OsString name, OsString attribute) throws KernelException;

  /** Sets an extended attribute of a file of a directory, lsetxattr(2). */
  void setAttribute(int directory, OsString name, OsString attribute, byte[] value)
      throws KernelException;
}
