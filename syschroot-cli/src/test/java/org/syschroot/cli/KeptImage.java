// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

import java.io.IOException;
import java.nio.file.Path;

/** The real image that tests share, for those in other packages. Only to be read. */
public final class KeptImage {
  private KeptImage() {}

  /** Returns the root of a Debian for i386; made when it is asked for the first time. */
  public static Path root() throws IOException, InterruptedException {
    return TestImages.deb32();
  }
}
