// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.cli.start;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.FileSystemStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.ResourceLimit;
import org.syschroot.path.OsString;

/** Lets through what only looks, and does nothing where a real kernel would change something. */
final class RehearsalKernel implements Kernel {
  private static final long ASK = 0xffffffffL;

  private final Kernel real;

  RehearsalKernel(Kernel real) {
    this.real = real;
  }

  @Override
  public int openat(int directory, OsString path, int flags, int mode) throws KernelException {
    return real.openat(directory, path, flags, mode);
  }

  @Override
  public int openat2(int directory, OsString path, int flags, int mode, int resolve)
      throws KernelException {
    return real.openat2(directory, path, flags, mode, resolve);
  }

  @Override
  public byte[] read(int fd, int limit) throws KernelException {
    return real.read(fd, limit);
  }

  @Override
  public void close(int fd) throws KernelException {
    real.close(fd);
  }

  @Override
  public void write(int fd, byte[] bytes) {}

  @Override
  public FileStatus fstat(int fd) throws KernelException {
    return real.fstat(fd);
  }

  @Override
  public void access(int fd, int mode) throws KernelException {
    real.access(fd, mode);
  }

  @Override
  public OsString readlinkat(int directory, OsString path) throws KernelException {
    return real.readlinkat(directory, path);
  }

  @Override
  public void mkdirat(int directory, OsString name, int mode) {}

  @Override
  public void symlinkat(OsString text, int directory, OsString name) {}

  @Override
  public void linkat(int directory, OsString from, OsString to) {}

  @Override
  public void unlinkat(int directory, OsString name, int flags) {}

  @Override
  public List<OsString> getdents(int directory) throws KernelException {
    return real.getdents(directory);
  }

  @Override
  public void flock(int fd, int operation) {}

  @Override
  public void setCloseOnExec(int fd, boolean closeOnExec) {}

  @Override
  public void closeRangeOnExec(int first, int last) {}

  @Override
  public void unshare(int flags) {}

  @Override
  public void mount(
      @Nullable OsString source,
      OsString target,
      @Nullable OsString type,
      long flags,
      @Nullable OsString data) {}

  @Override
  public void umount2(OsString target, int flags) {}

  @Override
  public int openTree(int directory, OsString path, int flags) throws KernelException {
    return real.openTree(directory, path, flags);
  }

  @Override
  public void mountSetattr(int directory, OsString path, int flags, long set, long propagation) {}

  @Override
  public void moveMount(int mount, int target) {}

  @Override
  public void chroot(OsString path) {}

  @Override
  public void chdir(OsString path) {}

  @Override
  public void fchdir(int fd) {}

  @Override
  public OsString getcwd() throws KernelException {
    return real.getcwd();
  }

  @Override
  public long personality(long persona) throws KernelException {
    return real.personality(ASK);
  }

  @Override
  public void setgroups(List<Integer> groups) {}

  @Override
  public void setresgid(int gid) {}

  @Override
  public void setresuid(int uid) {}

  @Override
  public void setNoNewPrivileges() {}

  @Override
  public void dropCapability(int capability) {}

  @Override
  public boolean hasCapability(int capability) throws KernelException {
    return real.hasCapability(capability);
  }

  @Override
  public ResourceLimit getrlimit(int resource) throws KernelException {
    return real.getrlimit(resource);
  }

  @Override
  public void setrlimit(int resource, ResourceLimit limit) {}

  @Override
  public void setSignalMask(long mask) {}

  @Override
  public void ignoreSignal(int signal) {}

  @Override
  public void fchown(int fd, int uid, int gid) {}

  @Override
  public void fchmod(int fd, int mode) {}

  @Override
  public byte[] fgetxattr(int fd, OsString name) throws KernelException {
    return real.fgetxattr(fd, name);
  }

  @Override
  public void fsetxattr(int fd, OsString name, byte[] value) {}

  @Override
  public void fremovexattr(int fd, OsString name) {}

  @Override
  public FileSystemStatus fstatfs(int fd) throws KernelException {
    return real.fstatfs(fd);
  }

  @Override
  public void fsync(int fd) {}

  @Override
  public void renameat(int directory, OsString from, OsString to) {}

  @Override
  public void execve(OsString path, List<OsString> arguments, List<OsString> environment)
      throws KernelException {
    throw new KernelException("execve", "path=" + path, Errno.ENOENT.number());
  }

  @Override
  public int spawn(
      OsString path,
      List<OsString> arguments,
      List<OsString> environment,
      Map<Integer, Integer> descriptors,
      long blocked,
      long ignored)
      throws KernelException {
    throw new KernelException("posix_spawn", "path=" + path, Errno.ENOENT.number());
  }
}
