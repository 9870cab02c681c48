// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.table;

import org.syschroot.path.OsString;

/**
 * A process that keeps a mount busy. Immutable.
 *
 * @param pid the process
 * @param command its name, as in {@code /proc/PID/comm}
 * @param use how it uses the mount
 * @param path what of it, as the process sees it
 */
public record MountUser(int pid, String command, Use use, OsString path) {
  /** Ways to keep a mount busy. */
  public enum Use {
    /** Its current directory is there. */
    CURRENT_DIRECTORY("has its working directory in"),
    /** Its root directory is there. */
    ROOT_DIRECTORY("has its root directory in"),
    /** It is a program that lies there. */
    PROGRAM("is the program"),
    /** It has a file open. */
    OPEN_FILE("has open"),
    /** It has a file mapped into memory, such as a library. */
    MAPPED_FILE("has mapped");

    private final String words;

    Use(String words) {
      this.words = words;
    }
  }

  /** Returns such as {@code pid 4711 (bash) has its current directory in /sysroot/sl5/home}. */
  @Override
  public String toString() {
    return "pid " + pid + " (" + command + ") " + use.words + " " + path;
  }
}
