// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import org.syschroot.mount.MountSelection;

/**
 * What became of a planned mount. Immutable.
 *
 * @param mount the planned mount
 * @param state what is at its target
 * @param detail more about it for people to read, empty if there is nothing to say
 * @param latecomersAppear whether what is mounted beneath the source later appears in the image;
 *     false for a source on a private mount, from which nothing propagates
 */
public record MountStatus(
    MountSelection.Mount mount, State state, String detail, boolean latecomersAppear) {

  /** What is at the target of a planned mount. */
  public enum State {
    /** What was planned. */
    MOUNTED,
    /** Nothing is mounted there. */
    MISSING,
    /** Something else is mounted there. */
    FOREIGN,
    /** It was mounted, but the file system behind it is gone or has been replaced. */
    STALE
  }
}
