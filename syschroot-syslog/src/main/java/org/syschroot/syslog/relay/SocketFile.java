// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.syslog.relay;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.SocketCalls;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.trust.TrustedPath;

/**
 * The file of a socket in an image. It keeps nothing of what it has seen.
 *
 * <p>The directory is resolved by openat2(2) as if the image's root were {@code /}, and used by
 * descriptor from then on, so no symbolic link in the image leads to the native system. What lies
 * at the name is never followed, and replaced only if it is a socket that nobody listens at.
 */
final class SocketFile {
  private static final int IN_IMAGE = OpenFlags.RESOLVE_IN_ROOT | OpenFlags.RESOLVE_NO_MAGICLINKS;
  private static final int DIRECTORY = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
  private static final int ENTRY = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;
  private static final int MOST_RETRIES = 1024; // a rename elsewhere gives EAGAIN
  private static final int DIRECTORY_MODE = 0755;
  private static final int SOCKET_MODE = 0666;
  private static final int BACKLOG = 128;
  private static final int S_IFMT = 0170000;
  private static final int S_IFSOCK = 0140000;
  private static final int S_IFIFO = 0010000;
  private static final OsString LINKS = OsString.of("/proc/thread-self/fd/");
  private static final OsString SLASH = OsString.of("/");

  private final Kernel kernel;
  private final SocketCalls sockets;
  private final TrustedPath trust;
  private final NativeFile nativeFile;
  private final HostPath root;
  private final ImagePath path;
  private final boolean isStream;
  private final List<OsString> directories;
  private final OsString name;

  SocketFile(
      Kernel kernel,
      SocketCalls sockets,
      TrustedPath trust,
      NativeFile nativeFile,
      HostPath root,
      LogSocket socket) {
    this.kernel = kernel;
    this.sockets = sockets;
    this.trust = trust;
    this.nativeFile = nativeFile;
    this.root = root;
    this.path = socket.path();
    this.isStream = socket.type() == LogSocket.Type.STREAM;
    List<OsString> names = path.names();
    this.directories = names.subList(0, names.size() - 1);
    this.name = names.get(names.size() - 1);
  }

  /** Returns where it is on the native system, for messages. */
  HostPath shown() {
    return path.under(root);
  }

  /** Returns what is there now, or null if nothing is. */
  @Nullable FileStatus look() throws IOException {
    int directory = openDirectory(false);
    try {
      return statusAt(directory);
    } finally {
      kernel.close(directory);
    }
  }

  /**
   * Gives a socket this path, for everybody to write to; a stream socket listens there.
   *
   * @return the file that was made
   * @throws NotServableException if something is there that is not ours to replace
   */
  FileStatus create(int socket) throws IOException {
    int directory = openDirectory(true);
    try {
      return createIn(directory, socket);
    } finally {
      kernel.close(directory);
    }
  }

  /** Removes the file if it is still {@code ours}. */
  void remove(FileStatus ours) throws IOException {
    int directory = openDirectory(false);
    try {
      FileStatus there = statusAt(directory);
      if (there != null && there.sameFileAs(ours)) {
        kernel.unlinkat(directory, name, 0);
      }
    } finally {
      kernel.close(directory);
    }
  }

  private int openDirectory(boolean make) throws IOException {
    int imageRoot = trust.open(root);
    try {
      OsString shown = SLASH;
      for (OsString each : directories) {
        shown = shown.length() == 1 ? shown.plus(each) : shown.plus(SLASH).plus(each);
      }
      try {
        return openIn(imageRoot, shown);
      } catch (KernelException e) {
        if (!make || !e.is(Errno.ENOENT)) {
          throw e;
        }
      }
      makeDirectories(imageRoot);
      return openIn(imageRoot, shown);
    } finally {
      kernel.close(imageRoot);
    }
  }

  private int openIn(int imageRoot, OsString directory) throws KernelException {
    for (int attempt = 1; ; attempt++) {
      try {
        return kernel.openat2(imageRoot, directory, DIRECTORY, 0, IN_IMAGE);
      } catch (KernelException e) {
        if (e.is(Errno.ENOSYS)) {
          return walk(imageRoot);
        }
        if (!e.is(Errno.EAGAIN) || attempt == MOST_RETRIES) {
          throw e;
        }
      }
    }
  }

  /** For kernels before 5.6, which lack openat2(2): no symbolic link is followed at all. */
  private int walk(int imageRoot) throws KernelException {
    int at = kernel.openat(imageRoot, OsString.of("."), DIRECTORY, 0);
    for (OsString each : directories) {
      try {
        int next = kernel.openat(at, each, DIRECTORY | OpenFlags.O_NOFOLLOW, 0);
        kernel.close(at);
        at = next;
      } catch (KernelException e) {
        kernel.close(at);
        throw e;
      }
    }
    return at;
  }

  private void makeDirectories(int imageRoot) throws KernelException {
    OsString shown = SLASH;
    for (OsString each : directories) {
      int parent = openIn(imageRoot, shown);
      try {
        kernel.mkdirat(parent, each, DIRECTORY_MODE);
      } catch (KernelException e) {
        if (!e.is(Errno.EEXIST)) {
          throw e;
        }
      } finally {
        kernel.close(parent);
      }
      shown = shown.length() == 1 ? shown.plus(each) : shown.plus(SLASH).plus(each);
    }
  }

  private @Nullable FileStatus statusAt(int directory) throws KernelException {
    int fd = openEntry(directory, name);
    if (fd < 0) {
      return null;
    }
    try {
      return kernel.fstat(fd);
    } finally {
      kernel.close(fd);
    }
  }

  /** Returns a descriptor of what has a name, never of what it leads to, or -1 if nothing has. */
  private int openEntry(int directory, OsString entry) throws KernelException {
    try {
      return kernel.openat(directory, entry, ENTRY, 0);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return -1;
      }
      throw e;
    }
  }

  private FileStatus createIn(int directory, int socket) throws IOException {
    FileStatus where = kernel.fstat(directory);
    if (nativeFile.isAt(where, name) || nativeFile.isNativeDev(where)) {
      throw seesNativeSocket();
    }
    FileStatus stale = staleSocket(directory);
    OsString temporary = temporaryName();
    sockets.bind(socket, link(directory).plus(SLASH).plus(temporary));
    boolean inPlace = false;
    try {
      FileStatus made = openToAll(directory, temporary);
      if (isStream) {
        sockets.listen(socket, BACKLOG); // before anybody can find it
      }
      if (stale == null) {
        moveToFreeName(directory, temporary);
      } else {
        replace(directory, temporary, stale);
      }
      inPlace = true;
      return made;
    } finally {
      if (!inPlace) {
        kernel.unlinkat(directory, temporary, 0);
      }
    }
  }

  private NotServableException seesNativeSocket() {
    return new NotServableException(
        shown()
            + " is in the host's /dev, or is the socket of its syslog daemon "
            + nativeFile.path()
            + ": it needs no relay");
  }

  private static OsString link(int fd) {
    return LINKS.plus(OsString.of(Integer.toString(fd)));
  }

  private OsString temporaryName() {
    String suffix = ".syschroot-" + ProcessHandle.current().pid();
    return OsString.of(".").plus(name).plus(OsString.of(suffix));
  }

  /** Returns the socket at this name that nobody listens at, or null if the name is free. */
  private @Nullable FileStatus staleSocket(int directory) throws IOException {
    int fd = openEntry(directory, name);
    if (fd < 0) {
      return null;
    }
    try {
      FileStatus there = kernel.fstat(fd);
      int type = there.mode() & S_IFMT;
      if (type != S_IFSOCK) {
        throw new NotServableException(
            shown() + " is " + describe(there, type) + ", not a socket: remove it");
      }
      FileStatus own = nativeFile.status();
      if (own != null && own.sameFileAs(there)) {
        throw seesNativeSocket();
      }
      if (hasListener(fd)) {
        throw new NotServableException(
            shown()
                + " is a socket on which another program listens: stop that program, or do"
                + " not relay");
      }
      return there;
    } finally {
      kernel.close(fd);
    }
  }

  private static String describe(FileStatus there, int type) {
    if (there.isSymbolicLink()) {
      return "a symbolic link";
    }
    if (there.isDirectory()) {
      return "a directory";
    }
    return type == S_IFIFO ? "a FIFO" : there.isRegularFile() ? "a file" : "a device";
  }

  /** The kernel refuses a connection only where nobody listens, whatever the type. */
  private boolean hasListener(int fd) throws KernelException {
    int probe = sockets.datagramSocket();
    try {
      sockets.connect(probe, link(fd));
      return true;
    } catch (KernelException e) {
      return !e.is(Errno.ECONNREFUSED);
    } finally {
      kernel.close(probe);
    }
  }

  /** Lets everybody write, by descriptor: the name could lead elsewhere by now. */
  private FileStatus openToAll(int directory, OsString temporary) throws IOException {
    int fd = kernel.openat(directory, temporary, ENTRY, 0);
    try {
      FileStatus made = kernel.fstat(fd);
      if ((made.mode() & S_IFMT) != S_IFSOCK) {
        throw new NotServableException(
            shown() + " cannot be created: another process changes its directory");
      }
      sockets.chmod(link(fd), SOCKET_MODE);
      return made;
    } finally {
      kernel.close(fd);
    }
  }

  private void moveToFreeName(int directory, OsString temporary) throws KernelException {
    try {
      sockets.rename(directory, temporary, name, SocketCalls.RENAME_NOREPLACE);
    } catch (KernelException e) {
      if (!e.is(Errno.EINVAL)) {
        throw e;
      }
      kernel.renameat(directory, temporary, name); // a file system without such flags
    }
  }

  /** Exchanges the two, so that what is removed is what was looked at, and nothing else. */
  private void replace(int directory, OsString temporary, FileStatus stale) throws IOException {
    try {
      sockets.rename(directory, temporary, name, SocketCalls.RENAME_EXCHANGE);
    } catch (KernelException e) {
      if (!e.is(Errno.EINVAL)) {
        throw e;
      }
      kernel.renameat(directory, temporary, name);
      return;
    }
    int fd = openEntry(directory, temporary);
    try {
      if (fd < 0 || !kernel.fstat(fd).sameFileAs(stale)) {
        sockets.rename(directory, temporary, name, SocketCalls.RENAME_EXCHANGE);
        throw new NotServableException(shown() + " was replaced; trying again");
      }
    } finally {
      if (fd >= 0) {
        kernel.close(fd);
      }
    }
    kernel.unlinkat(directory, temporary, 0);
  }
}
