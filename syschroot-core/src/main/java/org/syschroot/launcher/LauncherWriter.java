// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.Machine;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;
import org.syschroot.trust.TrustedPath;

/**
 * Writes launchers, and removes them. A launcher appears complete or not at all: it is written
 * under another name in the same directory and renamed when owner, mode and capabilities are set.
 * Needs root, but for launchers without privilege. Immutable.
 */
public final class LauncherWriter {
  private static final int ROOT = 0;
  private static final int PRIVATE = 0600;
  private static final int NONE = -1;
  private static final int ST_NOSUID = 2;
  private static final int ST_NOEXEC = 8;
  private static final Duration TIME_OF_CALLERS = Duration.ofMillis(50);
  private static final OsString TEMPORARY = OsString.of(".syschroot-new-");

  private final Kernel kernel;
  private final int uid;
  private final TrustedPath trust;

  /** Creates a writer of root. */
  public LauncherWriter(Kernel kernel) {
    this(kernel, ROOT);
  }

  /**
   * Creates a writer of a user, who can write launchers without privilege only.
   *
   * @param effectiveUid the effective user of this process
   */
  public LauncherWriter(Kernel kernel, int effectiveUid) {
    this.kernel = kernel;
    this.uid = effectiveUid;
    this.trust = TrustedPath.forUser(kernel, effectiveUid);
  }

  /**
   * Writes a launcher, replacing one that is there. Whoever calls it meanwhile gets the one or the
   * other; when this returns, nobody can execute the one that was there, who holds it open neither.
   *
   * @param path its place; the directory exists, and belongs to root like all above it, or to the
   *     user who writes
   * @param access who may execute it; one of an ordinary user is for everyone
   * @throws LauncherException if the plan does not fit or what it is to prove is not the case, if
   *     there is something else of this name, or if the file system cannot hold what the launcher
   *     needs
   * @throws UntrustedException if others could change the launcher or the image's root, or make
   *     files in a directory above that
   * @throws KernelException if a call fails
   */
  public void write(HostPath path, LaunchPlan plan, Machine machine, LauncherAccess access)
      throws KernelException, LauncherException, UntrustedException {
    byte[] bytes = LaunchCompiler.compile(plan, machine);
    if (!proof(plan).equals(plan.proof())) {
      throw new LauncherException(
          plan.image()
              + ": the root directory "
              + plan.root()
              + " was replaced during the"
              + " command: repeat it");
    }
    OsString name = path.value().baseName();
    int directory = openDirectory(path);
    try {
      int replaced = openOld(directory, name, path);
      try {
        OsString temporary = TEMPORARY.plus(name);
        removeLeftover(directory, name, path);
        create(directory, temporary, path, bytes, plan, access);
        kernel.renameat(directory, temporary, name);
        waitForCallers(replaced);
        disarm(replaced);
      } finally {
        close(replaced);
      }
    } finally {
      kernel.close(directory);
    }
  }

  private LaunchProof proof(LaunchPlan plan) throws KernelException, UntrustedException {
    Set<Integer> owners = Set.of(plan.proof().owner());
    return plan.privilege() == Privilege.NONE
        ? LaunchProof.forUser(kernel, plan.root(), uid, owners)
        : LaunchProof.of(kernel, plan.root(), plan.proof().mounts(), owners);
  }

  /**
   * Removes a launcher.
   *
   * @throws LauncherException if it is none
   * @throws KernelException if it cannot be removed; {@code ENOENT} if it is missing
   */
  public void unlink(HostPath path) throws KernelException, LauncherException, UntrustedException {
    int directory = openDirectory(path);
    try {
      OsString name = path.value().baseName();
      removeLeftover(directory, name, path);
      int launcher = open(directory, name, path);
      try {
        disarm(launcher);
        kernel.unlinkat(directory, name, 0);
      } finally {
        kernel.close(launcher);
      }
    } finally {
      kernel.close(directory);
    }
  }

  private int openDirectory(HostPath path)
      throws KernelException, LauncherException, UntrustedException {
    if (path.isRoot()) {
      throw new LauncherException("/ is not a launcher");
    }
    int end = path.value().length() - path.value().baseName().length();
    return trust.open(HostPath.of(path.value().slice(0, end)));
  }

  private int openOld(int directory, OsString name, HostPath path)
      throws KernelException, LauncherException {
    try {
      return open(directory, name, path);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return NONE;
      }
      throw e;
    }
  }

  private int open(int directory, OsString name, HostPath path)
      throws KernelException, LauncherException {
    int handle = kernel.openat(directory, name, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW, 0);
    try {
      // Only a regular file is opened: opening a device or FIFO can have effects.
      if (!kernel.fstat(handle).isRegularFile()) {
        throw notOurs(path);
      }
    } finally {
      kernel.close(handle);
    }
    int fd = kernel.openat(directory, name, OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW, 0);
    try {
      if (LauncherReader.hasHeader(kernel.read(fd, Layout.MOST_BYTES))) {
        return fd;
      }
      throw notOurs(path);
    } catch (KernelException | LauncherException e) {
      kernel.close(fd);
      throw e;
    }
  }

  private static LauncherException notOurs(HostPath path) {
    return new LauncherException(path + " exists and is not a launcher: move it away first");
  }

  /**
   * Lets those start who were calling the launcher when its name went to another file: execve(2)
   * opens a file first, and reads its mode and capabilities only when the arguments are copied.
   */
  private static void waitForCallers(int replaced) {
    long end = System.nanoTime() + TIME_OF_CALLERS.toNanos();
    for (long left = end - System.nanoTime();
        replaced != NONE && left > 0;
        left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.currentThread().isInterrupted()) {
        return; // whoever is told to end does not wait
      }
    }
  }

  /**
   * Takes mode and capability from a launcher, whether it has a name left or not: who holds it
   * open, or has another link to it, can execute it as long as it has them.
   */
  private void disarm(int fd) throws KernelException {
    if (fd == NONE) {
      return;
    }
    kernel.fchmod(fd, 0);
    try {
      kernel.fremovexattr(fd, FileCapabilities.ATTRIBUTE);
    } catch (KernelException e) {
      // EPERM: an ordinary user can write none with a capability.
      if (!e.is(Errno.ENODATA) && !e.is(Errno.EOPNOTSUPP) && !(uid != ROOT && e.is(Errno.EPERM))) {
        throw e;
      }
    }
  }

  private void close(int fd) throws KernelException {
    if (fd != NONE) {
      kernel.close(fd);
    }
  }

  /** An interrupted write can leave a launcher that has its privilege, and its name not yet. */
  private void removeLeftover(int directory, OsString name, HostPath path) throws KernelException {
    OsString temporary = TEMPORARY.plus(name);
    try {
      int leftover = open(directory, temporary, path);
      try {
        disarm(leftover);
      } finally {
        kernel.close(leftover);
      }
    } catch (LauncherException incomplete) {
      // It has no privilege yet.
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
    try {
      kernel.unlinkat(directory, temporary, 0);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  private void create(
      int directory,
      OsString name,
      HostPath path,
      byte[] bytes,
      LaunchPlan plan,
      LauncherAccess access)
      throws KernelException, LauncherException {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
    int fd = kernel.openat(directory, name, flags, PRIVATE);
    try {
      checkMount(fd, path, plan.privilege());
      kernel.write(fd, bytes);
      setAccess(fd, path, plan, access);
      kernel.fsync(fd);
    } catch (KernelException | LauncherException failure) {
      undo(directory, name, failure);
      throw failure;
    } finally {
      kernel.close(fd);
    }
  }

  private void undo(int directory, OsString name, Exception failure) {
    try {
      kernel.unlinkat(directory, name, 0);
    } catch (KernelException e) {
      failure.addSuppressed(e);
    }
  }

  private void checkMount(int fd, HostPath path, Privilege privilege)
      throws KernelException, LauncherException {
    long flags = kernel.fstatfs(fd).flags();
    if (privilege == Privilege.NONE) {
      flags &= ~ST_NOSUID;
    }
    if ((flags & (ST_NOSUID | ST_NOEXEC)) != 0) {
      throw new LauncherException(
          path
              + ": its filesystem is mounted "
              + ((flags & ST_NOSUID) != 0 ? "nosuid" : "noexec")
              + ", so launchers do not work there: choose another directory");
    }
  }

  /** In this order: fchown(2) takes away what the others set. */
  private void setAccess(int fd, HostPath path, LaunchPlan plan, LauncherAccess access)
      throws KernelException, LauncherException {
    if (uid != ROOT) {
      if (plan.privilege() != Privilege.NONE) {
        throw new LauncherException(path + ": only root can create a privileged launcher");
      }
      kernel.fchmod(fd, LauncherAccess.forEveryone().mode(plan.privilege()));
      return;
    }
    kernel.fchown(fd, ROOT, access.group());
    kernel.fchmod(fd, access.mode(plan.privilege()));
    if (access.needsList()) {
      attribute(
          fd,
          LauncherAccess.ATTRIBUTE,
          access.list(),
          path + ": its filesystem does not support ACLs: allow one group and no users");
    }
    if (plan.privilege() == Privilege.FILE_CAPABILITY) {
      attribute(
          fd,
          FileCapabilities.ATTRIBUTE,
          FileCapabilities.effective(plan.fileCapabilities()).toBytes(),
          path
              + ": its filesystem cannot hold file capabilities: choose another directory, or a"
              + " set-user-ID launcher (--setuid)");
    }
    FileStatus status = kernel.fstat(fd);
    if (status.uid() != ROOT) {
      throw new LauncherException(path + ": its filesystem does not allow files owned by root");
    }
  }

  private void attribute(int fd, OsString name, byte[] value, String unsupported)
      throws KernelException, LauncherException {
    try {
      kernel.fsetxattr(fd, name, value);
    } catch (KernelException e) {
      if (e.is(Errno.EOPNOTSUPP)) {
        throw new LauncherException(unsupported, e);
      }
      throw e;
    }
  }
}
