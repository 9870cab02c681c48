// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.List;
import org.syschroot.path.OsString;

/**
 * The system calls for looking at a tree of files by name, without opening them: no FIFO or device
 * can make them wait, and no symbolic link at the end of a path is followed.
 *
 * <p>Every method throws {@link KernelException} with the errno that its manual page lists.
 * Implementations are thread-safe.
 */
public interface TreeCalls {
  /**
   * Returns what a path refers to, statx(2) with {@code AT_SYMLINK_NOFOLLOW} and {@code
   * AT_NO_AUTOMOUNT}. What the kernel knows already is enough ({@code AT_STATX_DONT_SYNC}), so that
   * a server or FUSE daemon that does not answer is not waited for if it need not be asked.
   *
   * @param directory a descriptor, or {@link Kernel#AT_FDCWD}
   * @param path relative to the directory; empty for the directory itself
   */
  FileDetails statx(int directory, OsString path) throws KernelException;

  /**
   * Returns the next names in an open directory, without {@code .} and {@code ..}, in no order,
   * getdents64(2): some hundreds a call, so that a huge directory needs no more memory than a small
   * one.
   *
   * @return the names, empty at the end of the directory and only there
   */
  List<OsString> nextNames(int directory) throws KernelException;

  /**
   * Returns an extended attribute of a path, lgetxattr(2): {@code ENODATA} if it has none of the
   * name, {@code EOPNOTSUPP} where the file system has none.
   */
  byte[] lgetxattr(OsString path, OsString name) throws KernelException;
}
