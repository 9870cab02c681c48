// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.syschroot.image.ImageName;

/**
 * Something that an administrator may want to know. Immutable.
 *
 * @param kind what it is
 * @param imageOrNull the image concerned, or null if it concerns all
 * @param message one line that says what happened and, where something is to be done, what
 */
public record RelayEvent(Kind kind, @Nullable ImageName imageOrNull, String message) {
  /** What an event is about. */
  public enum Kind {
    /** A socket of an image was opened, or opened again. */
    SERVING,
    /** A socket cannot be opened, or not now: told when the reason changes; tried again. */
    NOT_SERVING,
    /** The native daemon's socket was opened. */
    CONNECTED,
    /** The native daemon's socket is away; messages wait. Told once until it is back. */
    AWAY,
    /** The sender's pid, uid and gid cannot be passed on. Told once. */
    SENDER_NOT_PASSED_ON,
    /** A sender was gone before its message could be passed on. Told once an image. */
    SENDER_GONE,
    /** The queue of an image is full. Told once until it was empty. */
    QUEUE_FULL,
    /** Messages of an image were dropped, and the native daemon has been told how many. */
    DROPPED,
    /** Messages were left when the time for the flush was over. */
    NOT_FLUSHED,
    /** An image has as many connections as are allowed, and one was closed. Told once an image. */
    TOO_MANY_CONNECTIONS,
    /** The relay has ended by itself: an error in it. The message is for a report. */
    FAILED
  }

  /** Returns whether this is something that went wrong. */
  public boolean isProblem() {
    return kind != Kind.SERVING && kind != Kind.CONNECTED;
  }

  /** Returns the image concerned, or empty if it concerns all. */
  public Optional<ImageName> image() {
    return Optional.ofNullable(imageOrNull);
  }
}
