// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.perform;

import org.syschroot.image.DirectoryPolicy;
import org.syschroot.image.Image;

/** Advice that goes with a failure. */
final class Hints {
  static final String NEEDS_ROOT =
      "switching needs root; for ordinary users root makes a launcher once, with \"syschroot"
          + " link\"";
  static final String ROOT_IS_NO_MOUNT_POINT =
      "this process is in a chroot whose root directory is no mount point: bind that directory onto"
          + " itself (mount --bind DIR DIR) before entering it";

  private Hints() {}

  static String forMissingDirectory(Image image) {
    String base = "mount it in the image, or start elsewhere with --directory";
    return image.directoryPolicy() == DirectoryPolicy.SAME_OR_FAIL
        ? base + "; cwd = \"home\" or \"root\" in the image's settings goes there instead"
        : base;
  }
}
