// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.route;

import org.syschroot.image.ImageName;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.SocketDiagnosis;
import org.syschroot.path.OsString;

/**
 * Looks at {@code /dev/log} of an image and of the native system. Changes nothing; a listener for
 * streams sees a connection that is closed again. Immutable and thread-safe.
 *
 * <p>What is seen is what a program in the image would see that has the mount namespace of the
 * calling thread. As an ordinary user who listens is not found out.
 */
public final class LogRouteProbe {
  private static final OsString ROOT = OsString.of("/");
  private static final OsString DEV = OsString.of("/dev");
  private static final int IN_ROOT = OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS;

  private final Kernel kernel;
  private final SocketDiagnosis sockets;
  private final SocketHolders holders;

  /** Creates the probe of a kernel. */
  public LogRouteProbe(Kernel kernel, SocketDiagnosis sockets) {
    this(kernel, sockets, new SocketHolders(sockets));
  }

  LogRouteProbe(Kernel kernel, SocketDiagnosis sockets, SocketHolders holders) {
    this.kernel = kernel;
    this.sockets = sockets;
    this.holders = holders;
  }

  /**
   * Looks at both.
   *
   * @param image the name of the image, for advice
   * @param imageRoot a descriptor of its root directory, opened in the mount namespace of the
   *     calling thread
   * @throws KernelException if a call fails that should not; what can be expected to fail is part
   *     of the result
   */
  public LogView look(ImageName image, int imageRoot) throws KernelException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    int nativeRoot = kernel.openat(Kernel.AT_FDCWD, ROOT, flags, 0);
    try {
      return look(image, imageRoot, nativeRoot);
    } finally {
      kernel.close(nativeRoot);
    }
  }

  LogView look(ImageName image, int imageRoot, int nativeRoot) throws KernelException {
    return new LogView(
        image, devLog(imageRoot), devLog(nativeRoot), haveSameDev(imageRoot, nativeRoot));
  }

  private DevLog devLog(int root) throws KernelException {
    return new DevLogReader(kernel, sockets, holders, root).read();
  }

  private boolean haveSameDev(int one, int other) throws KernelException {
    try {
      return dev(one).sameFileAs(dev(other));
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.EACCES)) {
        return false;
      }
      if (e.is(Errno.ENOSYS)) {
        // A kernel before 5.6, without openat2(2): the image's /dev/log is then unseen as well.
        return false;
      }
      throw e;
    }
  }

  private FileStatus dev(int root) throws KernelException {
    int dev = kernel.openat2(root, DEV, OpenFlags.O_PATH, 0, IN_ROOT);
    try {
      return kernel.fstat(dev);
    } finally {
      kernel.close(dev);
    }
  }
}
