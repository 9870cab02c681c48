// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.files;

import java.nio.charset.StandardCharsets;

/** The content of {@code /proc/PID/fdinfo/FD}, proc_pid_fdinfo(5). Not instantiable. */
public final class FdInfo {
  private static final String MOUNT_ID = "mnt_id:";

  private FdInfo() {}

  /** Returns the number of the mount, Linux 3.15; -1 if there is none. */
  public static long mountId(byte[] fdInfo) {
    for (String line : new String(fdInfo, StandardCharsets.ISO_8859_1).split("\n")) {
      String digits = line.startsWith(MOUNT_ID) ? line.substring(MOUNT_ID.length()).trim() : "";
      if (digits.matches("[0-9]{1,18}")) {
        return Long.parseLong(digits);
      }
    }
    return -1;
  }
}
