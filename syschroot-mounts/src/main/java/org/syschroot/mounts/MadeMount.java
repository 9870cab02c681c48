// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.util.List;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.path.OsString;

/**
 * A mount that was made in an image, as it was found in the mount table then; or that is about to
 * be made, if nothing but target and source is known. Immutable.
 *
 * @param target where in the image it was to be
 * @param source which path of the host it shows; empty if it is a file system of its own
 * @param place where it is, as mountinfo says it; empty if it may not be made yet
 * @param id the number of the mount
 * @param device the file system
 * @param root which directory of the file system
 */
record MadeMount(
    OsString target, OsString source, OsString place, OsString id, OsString device, OsString root) {
  private static final OsString NOTHING = OsString.of("");
  private static final OsString DELETED = OsString.of("//deleted");
  static final int FIELDS = 6;

  static MadeMount intended(OsString target, OsString source) {
    return new MadeMount(target, source, NOTHING, NOTHING, NOTHING, NOTHING);
  }

  static MadeMount of(OsString target, OsString source, MountEntry entry) {
    OsString id = OsString.of(Integer.toString(entry.id()));
    return new MadeMount(target, source, entry.target(), id, entry.device(), entry.root());
  }

  static MadeMount of(List<OsString> fields) {
    return new MadeMount(
        fields.get(0), fields.get(1), fields.get(2), fields.get(3), fields.get(4), fields.get(5));
  }

  List<OsString> fields() {
    return List.of(target, source, place, id, device, root);
  }

  /** Whether it is only known that somebody was about to make it. */
  boolean isIntended() {
    return place.isEmpty();
  }

  /**
   * Whether a mount is this one. The number alone would not do, since numbers are used again; nor
   * would the directory, since it may have been renamed or deleted.
   */
  boolean is(MountEntry entry) {
    boolean sameDirectory = entry.root().equals(root) || entry.root().equals(root.plus(DELETED));
    boolean sameNumber = id.equals(OsString.of(Integer.toString(entry.id())));
    return entry.target().equals(place)
        && entry.device().equals(device)
        && (sameDirectory || sameNumber);
  }
}
