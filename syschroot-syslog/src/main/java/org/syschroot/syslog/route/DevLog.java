// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

import java.util.Optional;
import org.syschroot.kernel.FileStatus;
import org.syschroot.path.OsString;

/**
 * What {@code /dev/log} is, as seen from one root directory. Immutable.
 *
 * @param link the text of the symbolic link, if it is one
 * @param found what is there, or where the link leads within the same root directory
 */
public record DevLog(Optional<OsString> link, Found found) {
  /** What is found at a place where a socket should be. */
  public sealed interface Found {}

  /** Nothing: {@code ENOENT}, or a link that leads nowhere. */
  public record Nothing() implements Found {}

  /**
   * Something else than a socket.
   *
   * @param what it is, such as {@code a FIFO}
   */
  public record NoSocket(String what) implements Found {}

  /**
   * Something that could not be looked at.
   *
   * @param reason the error
   */
  public record Unseen(String reason) implements Found {}

  /**
   * A socket.
   *
   * @param file the file it is bound to
   * @param mountedAlone whether the file itself is mounted, and not a directory with it
   * @param answer what connect(2) says
   * @param holder who has it open, if that could be found out: for sockets of other users only root
   *     can
   */
  public record Socket(
      FileStatus file, boolean mountedAlone, ConnectResult answer, Optional<SocketHolder> holder)
      implements Found {
    private static final int WRITABLE_FOR_ALL = 0222;

    /** Returns whether every user may send to it. */
    boolean isForAll() {
      return (file.permissions() & WRITABLE_FOR_ALL) == WRITABLE_FOR_ALL;
    }
  }

  /** Returns the socket, if there is one. */
  public Optional<Socket> socket() {
    return found instanceof Socket socket ? Optional.of(socket) : Optional.empty();
  }

  /** Returns whether somebody listens. */
  boolean isLive() {
    return socket().map(Socket::answer).filter(ConnectResult.ACCEPTED::equals).isPresent();
  }

  /** Returns whether both are one file. */
  boolean sameSocketAs(DevLog other) {
    return socket().isPresent()
        && other.socket().isPresent()
        && socket().get().file().sameFileAs(other.socket().get().file());
  }
}
