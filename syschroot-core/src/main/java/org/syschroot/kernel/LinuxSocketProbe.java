// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import org.syschroot.kernel.Scratch.Slice;
import org.syschroot.path.OsString;

/** Asks the running kernel. Thread-safe. */
public final class LinuxSocketProbe implements SocketProbe {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int LONGEST_PATH = 107;

  private final RawCalls raw = RawCalls.running();

  @Override
  public boolean hasReceiver(OsString path) throws KernelException {
    if (path.length() > LONGEST_PATH) {
      throw new KernelException("connect", "path=" + path, Errno.ENAMETOOLONG.number());
    }
    long socket =
        raw.call(SystemCall.SOCKET.number(), AF_UNIX, SOCK_DGRAM | OpenFlags.O_CLOEXEC, 0, 0, 0);
    if (socket < 0) {
      throw LinuxCalls.failed("socket", "AF_UNIX, SOCK_DGRAM", socket);
    }
    try {
      return connects(socket, path);
    } finally {
      raw.close((int) socket);
    }
  }

  private boolean connects(long socket, OsString path) throws KernelException {
    Slice address = ThreadScratch.get().take(path.length() + 3);
    address.bytes().putShort((short) AF_UNIX);
    path.putInto(address.bytes());
    address.bytes().put((byte) 0);
    long result =
        raw.call(SystemCall.CONNECT.number(), socket, address.address(), path.length() + 3, 0, 0);
    // EPROTOTYPE: somebody listens, but for streams.
    if (result == 0 || result == -Errno.EPROTOTYPE.number()) {
      return true;
    }
    if (result == -Errno.ECONNREFUSED.number()) {
      return false;
    }
    throw LinuxCalls.failed("connect", "path=" + path, result);
  }
}
