// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.batch;

import java.io.IOException;
import org.syschroot.path.OsString;

/** Reads the scripts of jobs. */
public interface JobScripts {
  /**
   * Returns the content of a script.
   *
   * @param path as the user wrote it, relative to the current directory
   * @throws IOException if it cannot be read; the message names it
   */
  byte[] read(OsString path) throws IOException;

  /**
   * Returns the script that stands on standard input.
   *
   * @throws IOException if it cannot be read
   */
  byte[] readStandardInput() throws IOException;
}
