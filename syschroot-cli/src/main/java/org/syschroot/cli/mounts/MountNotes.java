// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.mounts;

import java.util.List;
import org.syschroot.cli.frame.Console;
import org.syschroot.image.Image;
import org.syschroot.mountplan.MountStatus;

/** What an administrator should know of mounts that are up. */
final class MountNotes {
  private MountNotes() {}

  /** Says in one line that later mounts of the native system will not appear, if so. */
  static void tell(Console console, Image image, List<MountStatus> mounts) {
    StringBuilder targets = new StringBuilder();
    for (MountStatus mount : mounts) {
      if (mount.state() == MountStatus.State.MOUNTED && !mount.latecomersAppear()) {
        targets.append(' ').append(mount.target());
      }
    }
    if (targets.length() > 0) {
      console.notice(
          image.name()
              + ": the mounts of the host are private, so later mounts of the host do not appear in"
              + targets
              + "; to change this, before syschroot mounts: mount --make-rshared /");
    }
  }
}
