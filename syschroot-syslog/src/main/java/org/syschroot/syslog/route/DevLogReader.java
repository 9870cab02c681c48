// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

import java.util.Optional;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.SocketDiagnosis;
import org.syschroot.path.OsString;

/** Looks at {@code /dev/log} beneath a root directory, as a program sees it that has that root. */
final class DevLogReader {
  private static final OsString DEV_LOG = OsString.of("/dev/log");
  private static final OsString SLASH = OsString.of("/");
  private static final int IN_ROOT = OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS;
  private static final int MOST_LINKS = 40; // as many as the kernel follows

  private final Kernel kernel;
  private final SocketDiagnosis sockets;
  private final SocketHolders holders;
  private final int root;

  DevLogReader(Kernel kernel, SocketDiagnosis sockets, SocketHolders holders, int root) {
    this.kernel = kernel;
    this.sockets = sockets;
    this.holders = holders;
    this.root = root;
  }

  DevLog read() throws KernelException {
    Optional<OsString> firstLink = Optional.empty();
    OsString path = DEV_LOG;
    for (int links = 0; links <= MOST_LINKS; links++) {
      Optional<OsString> text;
      try {
        text = linkAt(path);
      } catch (KernelException e) {
        return new DevLog(firstLink, absence(e));
      }
      if (text.isEmpty()) {
        return new DevLog(firstLink, found(path));
      }
      firstLink = firstLink.isPresent() ? firstLink : text;
      path = text.get().startsWith(SLASH) ? text.get() : directoryOf(path).plus(text.get());
    }
    return new DevLog(firstLink, new DevLog.Nothing());
  }

  private static DevLog.Found absence(KernelException failure) {
    return failure.is(Errno.ENOENT) || failure.is(Errno.ENOTDIR) || failure.is(Errno.ELOOP)
        ? new DevLog.Nothing()
        : new DevLog.Unseen(failure.getMessage());
  }

  private Optional<OsString> linkAt(OsString path) throws KernelException {
    int file = open(path, OpenFlags.O_NOFOLLOW);
    try {
      return kernel.fstat(file).isSymbolicLink()
          ? Optional.of(kernel.readlinkat(file, OsString.of("")))
          : Optional.empty();
    } finally {
      kernel.close(file);
    }
  }

  private int open(OsString path, int flags) throws KernelException {
    return kernel.openat2(root, path, OpenFlags.O_PATH | flags, 0, IN_ROOT);
  }

  private DevLog.Found found(OsString path) throws KernelException {
    int directory = open(directoryOf(path), OpenFlags.O_DIRECTORY);
    try {
      int file = open(path, OpenFlags.O_NOFOLLOW);
      try {
        FileStatus status = kernel.fstat(file);
        if (!FileKind.isSocket(status)) {
          return new DevLog.NoSocket(FileKind.of(status));
        }
        return new DevLog.Socket(
            status,
            status.mountId() != kernel.fstat(directory).mountId(),
            answer(file),
            holders.of(status));
      } finally {
        kernel.close(file);
      }
    } finally {
      kernel.close(directory);
    }
  }

  private static OsString directoryOf(OsString path) {
    return path.slice(0, path.length() - path.baseName().length());
  }

  private ConnectResult answer(int file) throws KernelException {
    try {
      kernel.close(sockets.connect(OsString.of("/proc/thread-self/fd/" + file)));
      return ConnectResult.ACCEPTED;
    } catch (KernelException e) {
      if (e.is(Errno.ECONNREFUSED)) {
        return ConnectResult.REFUSED;
      }
      if (e.is(Errno.EAGAIN)) {
        // A stream whose listener is behind with accepting.
        return ConnectResult.ACCEPTED;
      }
      return e.is(Errno.EACCES) || e.is(Errno.EPERM) ? ConnectResult.DENIED : ConnectResult.UNKNOWN;
    }
  }
}
