// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import org.syschroot.path.ImagePath;

/**
 * A socket that the relay makes in an image. Immutable.
 *
 * <p>A socket file has one type. glibc's syslog(3), logger(1), Perl's Sys::Syslog and Python's
 * logging take whichever they find; programs of musl's and rsyslog's kind know datagrams only. So
 * {@code /dev/log} is best a datagram socket, and programs that insist on streams get a second
 * path.
 *
 * @param path where it is in the image; symbolic links in its directory stay in the image
 * @param type whether messages come as datagrams or in streams
 */
public record LogSocket(ImagePath path, Type type) {
  /** The usual one: {@code /dev/log} for datagrams. */
  public static final LogSocket DEV_LOG = new LogSocket(ImagePath.of("/dev/log"), Type.DATAGRAM);

  /** {@code /dev/log} for streams, which senders that know only datagrams cannot use. */
  public static final LogSocket DEV_LOG_STREAM =
      new LogSocket(ImagePath.of("/dev/log"), Type.STREAM);

  /** How messages come. */
  public enum Type {
    /** {@code SOCK_DGRAM}: one message a datagram. */
    DATAGRAM,
    /** {@code SOCK_STREAM}: messages end with NUL or, in connections without NUL, newline. */
    STREAM
  }

  /**
   * Checks the path.
   *
   * @throws IllegalArgumentException if it is the root directory
   */
  public LogSocket {
    if (path.isRoot()) {
      throw new IllegalArgumentException("/ cannot be a socket: use a pathname such as /dev/log");
    }
  }
}
