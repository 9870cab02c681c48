// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/** The user that this process acts as. Not instantiable. */
final class ProcessUser {
  private ProcessUser() {}

  /** Returns the effective user, which owns {@code /proc/self} (proc(5)). */
  static int effective() throws IOException {
    return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  /**
   * Gives a new file to root and its group, whatever the group of the directory around it; for
   * another user there is nothing to do.
   */
  static void own(Path file) throws IOException {
    if (effective() == 0) {
      Files.setAttribute(file, "unix:uid", 0, LinkOption.NOFOLLOW_LINKS);
      Files.setAttribute(file, "unix:gid", 0, LinkOption.NOFOLLOW_LINKS);
    }
  }
}
