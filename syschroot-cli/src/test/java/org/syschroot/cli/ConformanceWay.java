// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli;

/** A way into an image, as a column of the conformance table. */
enum ConformanceWay {
  /** {@code syschroot run IMAGE -- COMMAND}. */
  RUN("run"),
  /** A further {@code syschroot run} of the same, which an earlier one has left compiled. */
  CACHED("cached run"),
  /** A symbolic link to the command that is named like the image. */
  SYMBOLIC_LINK("symbolic link"),
  /** The launcher of the command's program. */
  COMMAND_LAUNCHER("command launcher"),
  /** The launcher of the whole image. */
  IMAGE_LAUNCHER("image launcher"),
  /** The same, set-user-ID instead of with a file capability. */
  SET_USER_ID_LAUNCHER("set-user-ID launcher"),
  /** A Java program that starts a child. */
  SPAWN("spawn"),
  /** A Java program that replaces itself. */
  EXEC("Syschroot.exec"),
  /** The script that {@code explain --format sh} prints. */
  SCRIPT("explain --format sh"),
  /** A batch job by {@code submit}. */
  JOB("job");

  private final String title;

  ConformanceWay(String title) {
    this.title = title;
  }

  /** Returns the head of the column. */
  String title() {
    return title;
  }

  boolean isLauncher() {
    return this == COMMAND_LAUNCHER || this == IMAGE_LAUNCHER || this == SET_USER_ID_LAUNCHER;
  }

  boolean isEmbedded() {
    return this == SPAWN || this == EXEC;
  }
}
