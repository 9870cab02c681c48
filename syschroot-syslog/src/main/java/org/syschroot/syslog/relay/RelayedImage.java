// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.syschroot.image.ImageName;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/**
 * An image whose senders the relay serves. Immutable.
 *
 * @param name names it in counters, events and tags
 * @param root its root directory; every component must belong to root or the user of this process
 * @param sockets what to make in it, at least one
 */
public record RelayedImage(ImageName name, HostPath root, List<LogSocket> sockets) {
  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if there is no socket, or two have the same path
   */
  public RelayedImage {
    sockets = List.copyOf(sockets);
    if (sockets.isEmpty()) {
      throw new IllegalArgumentException(name + " has no socket in its list");
    }
    Set<ImagePath> paths = new HashSet<>();
    for (LogSocket socket : sockets) {
      if (!paths.add(socket.path())) {
        throw new IllegalArgumentException(name + " has two sockets at " + socket.path());
      }
    }
  }

  /** Returns an image with a datagram socket at {@code /dev/log}. */
  public static RelayedImage of(ImageName name, HostPath root) {
    return new RelayedImage(name, root, List.of(LogSocket.DEV_LOG));
  }
}
