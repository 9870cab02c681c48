// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

/**
 * What statx(2) says of a file, with what only those need to know who look at many. Immutable.
 *
 * @param status type, permissions, owner and identity
 * @param size bytes; of a symbolic link the length of its text
 * @param modified when its content was changed last, in seconds since 1970-01-01 UTC
 * @param nanoseconds what is to be added to that, 0 to 999 999 999
 * @param changed when its content, owner or permissions were changed last, in seconds
 * @param changedNanoseconds what is to be added to that, 0 to 999 999 999
 */
public record FileDetails(
    FileStatus status,
    long size,
    long modified,
    int nanoseconds,
    long changed,
    int changedNanoseconds) {
  /** Creates the details of a file that was changed at the beginning of 1970. */
  public FileDetails(FileStatus status, long size) {
    this(status, size, 0, 0, 0, 0);
  }

  /** Returns whether these are of the same file as others, and nothing of it was changed. */
  public boolean isUnchangedSince(FileDetails before) {
    return status.sameFileAs(before.status)
        && size == before.size
        && modified == before.modified
        && nanoseconds == before.nanoseconds
        && changed == before.changed
        && changedNanoseconds == before.changedNanoseconds;
  }
}
