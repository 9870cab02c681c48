// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounting;

import java.util.List;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * A directory of an image's tree that is made anew in memory where mount points are to be added to
 * it and the kernel refuses overlayfs: what is in the tree's is bound there, and its symbolic links
 * are copied. Immutable.
 *
 * @param place where in the image, without symbolic links on the way
 * @param permissions its permission bits in the tree, 0 to 07777
 * @param uid its owner in the tree
 * @param gid its group in the tree
 * @param entries what is in it, but directories that are made anew themselves
 */
public record UnderlayDirectory(
    ImagePath place, int permissions, int uid, int gid, List<Entry> entries) {
  /** Copies the list. */
  public UnderlayDirectory {
    entries = List.copyOf(entries);
  }

  /** What becomes of an entry. */
  public enum Kind {
    /** It is bound on an empty directory. */
    DIRECTORY,
    /** It is bound on an empty file. */
    FILE,
    /** It is made anew, with the same text. */
    LINK
  }

  /**
   * An entry of the directory.
   *
   * @param text that of a symbolic link, else empty
   */
  public record Entry(OsString name, Kind kind, OsString text) {}
}
