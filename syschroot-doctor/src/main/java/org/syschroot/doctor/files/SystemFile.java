// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.files;

import org.syschroot.kernel.FileDetails;
import org.syschroot.kernel.FileStatus;

/**
 * A file of a system. Immutable.
 *
 * @param path its path in the system, absolute and without symbolic links; one character a byte
 * @param hostPath where it is on the native system, likewise
 * @param details what statx(2) says of it
 */
public record SystemFile(String path, String hostPath, FileDetails details) {
  /** Returns type, permissions, owner and identity. */
  public FileStatus status() {
    return details.status();
  }

  /** Returns whether this is a regular file that somebody may execute. */
  public boolean isProgram() {
    return status().isRegularFile() && (status().permissions() & 0111) != 0;
  }

  /** Returns the place on the native system, for people to read. */
  public String shown() {
    return ByteText.shown(hostPath);
  }
}
