// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import org.syschroot.path.OsString;

/**
 * Finds out whether a process receives what is sent to a socket. Implementations are thread-safe.
 */
@FunctionalInterface
public interface SocketProbe {
  /**
   * Returns whether a socket in the file system has a process behind it, connect(2). Nothing is
   * sent.
   *
   * @param path the socket, at most 107 bytes
   * @throws KernelException if that cannot be known: {@code EACCES} without the right to write
   */
  boolean hasReceiver(OsString path) throws KernelException;
}
