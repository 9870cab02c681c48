// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

/** The ways by which a line gets from an image to the native system's log. */
public enum LogWay {
  /** The native {@code /dev} is mounted in the image, and has the daemon's socket in it. */
  NATIVE_DEV("native-dev"),
  /** {@code /dev/log} is a link to the native socket, whose directory is mounted in the image. */
  NATIVE_DIRECTORY("native-directory"),
  /** The native socket itself is mounted in the image. */
  BOUND_SOCKET("bound-socket"),
  /** The native daemon listens on a further socket, in the image. */
  ADDITIONAL_SOCKET("additional-socket"),
  /** The relay listens in the image, and forwards to the native daemon. */
  RELAY("relay"),
  /** Somebody else listens in the image. */
  OTHER_LISTENER("other-listener"),
  /** There is none. */
  NONE("none");

  private final String word;

  LogWay(String word) {
    this.word = word;
  }

  /** Returns the word for it in output and documentation, such as {@code bound-socket}. */
  @Override
  public String toString() {
    return word;
  }
}
