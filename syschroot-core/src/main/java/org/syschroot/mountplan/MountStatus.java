// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mountplan;

import java.util.Optional;
import org.syschroot.path.ImagePath;

/**
 * State of one mount point of an image, compared with the configured mount. Immutable.
 *
 * @param target where in the image
 * @param planned the planned mount; empty if none is planned there
 * @param state what is there
 * @param detail more about it for people to read, empty if there is nothing to say
 * @param latecomersAppear whether what is mounted beneath the source later appears in the image;
 *     false for a source on a private mount, from which nothing propagates
 */
public record MountStatus(
    ImagePath target,
    Optional<MountSelection.Mount> planned,
    State state,
    String detail,
    boolean latecomersAppear) {

  /** State of a mount point. */
  public enum State {
    /** What was planned. */
    MOUNTED,
    /** Nothing is mounted there. */
    MISSING,
    /** Something else is mounted there, or what was planned is hidden by something else. */
    FOREIGN,
    /** It was mounted, but the file system behind it is gone or has been replaced. */
    STALE,
    /** Nothing is planned there, and something is mounted. */
    EXTRA
  }

  /** Returns the planned mount in the form of the configuration; the place if none is planned. */
  public String text() {
    return planned.map(mount -> mount.step().toString()).orElse(target.toString());
  }
}
