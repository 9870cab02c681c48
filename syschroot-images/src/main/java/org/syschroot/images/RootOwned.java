// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.syschroot.kernel.LinuxProcessCalls;

/** Who owns what is made. Not instantiable. */
final class RootOwned {
  private RootOwned() {}

  /**
   * Gives a new file to root and its group, whatever the group of the directory around it; for
   * another user there is nothing to do.
   */
  static void own(Path file) throws IOException {
    if (LinuxProcessCalls.running().effectiveUid() == 0) {
      Files.setAttribute(file, "unix:uid", 0, LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(file, "unix:gid", 0, LinkOption.NOFOLLOW_LINKS);
    }
  }
}
