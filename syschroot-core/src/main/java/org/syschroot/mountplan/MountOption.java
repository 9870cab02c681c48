// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mountplan;

/** Options of a bind mount. */
public enum MountOption {
  /** Read-only, the mounts beneath included. */
  READ_ONLY("ro"),
  /** Left out when the native system has no such source. */
  OPTIONAL("optional"),
  /** Only the one file system, not what is mounted beneath. */
  NOT_RECURSIVE("norbind"),
  /** The source is a file, not a directory. */
  FILE("file"),
  /** Set-user-ID and file capabilities have no effect. */
  NOSUID("nosuid"),
  /** Device files are not devices. */
  NODEV("nodev"),
  /** Programs cannot be executed. */
  NOEXEC("noexec");

  private final String word;

  MountOption(String word) {
    this.word = word;
  }

  /** Returns the word for it in the configuration. */
  @Override
  public String toString() {
    return word;
  }
}
