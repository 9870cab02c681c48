// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.tree;

import java.util.Map;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * One file of a source of an image, without its content. Immutable, if nobody changes the arrays.
 *
 * @param kind what it is
 * @param path where it belongs in the image
 * @param mode permission bits, 0 to 07777
 * @param uid the owner, as an unsigned number
 * @param gid the group, as an unsigned number
 * @param modified when its content was changed last, in seconds since 1970-01-01 UTC
 * @param nanoseconds what is to be added to that, 0 to 999 999 999
 * @param link the text of a symbolic link, or the path of the file that a hard link is for; else
 *     empty
 * @param attributes the extended attributes; copied
 */
public record TreeEntry(
    EntryKind kind,
    ImagePath path,
    int mode,
    int uid,
    int gid,
    long modified,
    int nanoseconds,
    OsString link,
    Map<OsString, byte[]> attributes) {
  private static final int SET_ID = 06000;

  /** Copies the attributes. */
  public TreeEntry {
    attributes = Map.copyOf(attributes);
  }

  /** Returns whether the set-user-ID or set-group-ID bit is set. */
  boolean isSetId() {
    return (mode & SET_ID) != 0;
  }

  /** Returns the mode for a file that did not get its owner: without the bits that rely on it. */
  int modeWithoutOwner() {
    return kind == EntryKind.DIRECTORY ? (mode & ~SET_ID) | 0700 : mode & ~SET_ID;
  }
}
