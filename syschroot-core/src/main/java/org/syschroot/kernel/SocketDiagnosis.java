// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.List;
import org.syschroot.path.OsString;

/** Finds out who takes what is sent to a Unix socket. Implementations are thread-safe. */
public interface SocketDiagnosis {
  /**
   * Returns the sockets of this network namespace that are bound to files and take what is sent
   * there, sock_diag(7).
   *
   * @throws KernelException {@code ENOENT} if the kernel was built without {@code UNIX_DIAG}
   */
  List<BoundSocket> bound() throws KernelException;

  /**
   * Returns a socket that is connected to an address: one for datagrams or, where a stream is
   * listened for, one for a stream. It is close-on-exec, and writing to it fails with {@code
   * EAGAIN} rather than to wait.
   *
   * @param address an absolute path, or {@code @} and an abstract name, unix(7)
   * @throws KernelException {@code ECONNREFUSED} if nobody has the socket open, {@code EAGAIN} if a
   *     listener is behind with accepting
   */
  int connect(OsString address) throws KernelException;
}
