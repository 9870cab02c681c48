// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.io.IOException;
import org.syschroot.host.HostState;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;

/** What launchers depend on besides the settings of their image. */
public interface LauncherHost {
  /** Returns what makes the system calls. */
  Kernel kernel();

  /** Returns the effective user of this process. */
  int effectiveUid();

  /**
   * Returns what planning needs to know of this host, for everybody.
   *
   * @throws IOException if site code fails, or the host cannot be read
   */
  HostState hostState() throws IOException;

  /**
   * Opens an image, to look for programs in it.
   *
   * @throws org.syschroot.path.UntrustedException if others could have changed the image's root
   * @throws IOException if its root cannot be opened
   */
  ImagePrograms files(Image image) throws IOException;
}
