// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.kernel;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.syschroot.path.OsString;

/**
 * The system calls that a switch is made of, each named as in section 2 of the manual.
 *
 * <p>Root directory, mount namespace, credentials and personality belong to the calling
 * <em>thread</em> on Linux, and every method acts on that thread alone: the calls are made raw, not
 * through glibc's wrappers, some of which change all threads of the process.
 *
 * <p>Every method throws {@link KernelException} with the errno that its manual page lists.
 * Descriptors are plain numbers; those made here are close-on-exec. Implementations are
 * thread-safe.
 */
public interface Kernel {
  /** Stands for the current directory, or for nothing where the path is absolute. */
  int AT_FDCWD = -100;

  /** Opens a file relative to a directory descriptor, openat(2), close-on-exec. */
  int openat(int directory, OsString path, int flags, int mode) throws KernelException;

  /**
   * Opens a file with restrictions on how its path is resolved, openat2(2), close-on-exec.
   *
   * @param resolve {@code RESOLVE_} bits of {@link OpenFlags}
   */
  int openat2(int directory, OsString path, int flags, int mode, int resolve)
      throws KernelException;

  /** Closes a descriptor, close(2). */
  void close(int fd) throws KernelException;

  /** Reads up to {@code limit} bytes, fewer at the end of the file, read(2). */
  byte[] read(int fd, int limit) throws KernelException;

  /** Writes all bytes, write(2) until nothing is left. */
  void write(int fd, byte[] bytes) throws KernelException;

  /**
   * Returns what a descriptor refers to, {@code O_PATH} ones included, statx(2). {@link #AT_FDCWD}
   * stands for the current directory.
   */
  FileStatus fstat(int fd) throws KernelException;

  /**
   * Checks that the effective user of the calling thread may use what a descriptor refers to, and
   * that its filesystem lets them, faccessat2(2): {@code EACCES}, {@code EROFS}, or before Linux
   * 5.8 {@code ENOSYS}.
   *
   * @param fd a descriptor, or {@link #AT_FDCWD} for the current directory
   * @param mode {@link OpenFlags#W_OK} or {@link OpenFlags#X_OK}
   */
  void access(int fd, int mode) throws KernelException;

  /** Returns the text of a symbolic link, readlinkat(2). An empty path names the descriptor. */
  OsString readlinkat(int directory, OsString path) throws KernelException;

  /** Creates a directory, mkdirat(2). */
  void mkdirat(int directory, OsString name, int mode) throws KernelException;

  /** Creates a symbolic link, symlinkat(2); what is there of that name is left alone. */
  void symlinkat(OsString text, int directory, OsString name) throws KernelException;

  /** Gives a file of a directory a second name in it, linkat(2); links are not followed. */
  void linkat(int directory, OsString from, OsString to) throws KernelException;

  /**
   * Removes a name, unlinkat(2): never what a symbolic link leads to.
   *
   * @param flags {@link OpenFlags#AT_REMOVEDIR} for an empty directory, else 0
   */
  void unlinkat(int directory, OsString name, int flags) throws KernelException;

  /**
   * Returns the names in a directory that is open for reading, without {@code .} and {@code ..} and
   * in no order, getdents64(2).
   */
  List<OsString> getdents(int directory) throws KernelException;

  /**
   * Waits for a lock and takes it, or gives it up, flock(2).
   *
   * @param operation {@link OpenFlags#LOCK_EX} or {@link OpenFlags#LOCK_UN}, with {@link
   *     OpenFlags#LOCK_NB} to fail with {@code EAGAIN} instead of waiting
   */
  void flock(int fd, int operation) throws KernelException;

  /** Sets or clears the close-on-exec flag of a descriptor, fcntl(2) {@code F_SETFD}. */
  void setCloseOnExec(int fd, boolean closeOnExec) throws KernelException;

  /**
   * Makes all descriptors from {@code first} to {@code last} close-on-exec, close_range(2) with
   * {@code CLOSE_RANGE_CLOEXEC}, Linux 5.11. Numbers that are not open are passed over.
   */
  void closeRangeOnExec(int first, int last) throws KernelException;

  /** Gives the calling thread namespaces or tables of its own, unshare(2). */
  void unshare(int flags) throws KernelException;

  /**
   * Mounts, or changes a mount, mount(2).
   *
   * @param source what to mount, null where the call ignores it
   * @param type the file system type, null where the call ignores it
   * @param flags {@code MS_} bits of {@link MountFlags}
   * @param data options of the file system, or null
   */
  void mount(
      @Nullable OsString source,
      OsString target,
      @Nullable OsString type,
      long flags,
      @Nullable OsString data)
      throws KernelException;

  /** Removes a mount, umount2(2). */
  void umount2(OsString target, int flags) throws KernelException;

  /** Returns a descriptor for a detached copy of a mount tree, open_tree(2), Linux 5.2. */
  int openTree(int directory, OsString path, int flags) throws KernelException;

  /**
   * Changes attributes of a mount or a mount tree, mount_setattr(2), Linux 5.12.
   *
   * @param set {@code MOUNT_ATTR_} bits to set
   * @param propagation an {@code MS_} propagation type, or 0 for none
   */
  void mountSetattr(int directory, OsString path, int flags, long set, long propagation)
      throws KernelException;

  /** Attaches the mount of one descriptor on the file of another, move_mount(2), Linux 5.2. */
  void moveMount(int mount, int target) throws KernelException;

  /** Changes the root directory, chroot(2). Does not change the current directory. */
  void chroot(OsString path) throws KernelException;

  /** Changes the current directory, chdir(2). */
  void chdir(OsString path) throws KernelException;

  /** Changes the current directory to a descriptor's, fchdir(2). */
  void fchdir(int fd) throws KernelException;

  /**
   * Returns the current directory, getcwd(2): {@code ENOENT} if it was deleted. Begins with {@code
   * (unreachable)} when it lies outside the root directory.
   */
  OsString getcwd() throws KernelException;

  /**
   * Sets the execution domain, personality(2), and returns the one before; {@code 0xffffffff} only
   * asks.
   */
  long personality(long persona) throws KernelException;

  /** Sets the supplementary groups of the calling thread, setgroups(2). */
  void setgroups(List<Integer> groups) throws KernelException;

  /** Sets real, effective and saved group of the calling thread, setresgid(2). */
  void setresgid(int gid) throws KernelException;

  /** Sets real, effective and saved user of the calling thread, setresuid(2). */
  void setresuid(int uid) throws KernelException;

  /** Lets no execve(2) of this thread grant a privilege any more, {@code PR_SET_NO_NEW_PRIVS}. */
  void setNoNewPrivileges() throws KernelException;

  /**
   * Removes a capability from the bounding, ambient and inheritable set, so that no program started
   * from here on can have it, prctl(2) and capset(2).
   *
   * @param capability the number of the capability, see {@link Capability}
   */
  void dropCapability(int capability) throws KernelException;

  /**
   * Returns whether a capability is in the effective set of the calling thread, and of what the
   * thread starts, capget(2).
   *
   * @param capability its number
   */
  boolean hasCapability(int capability) throws KernelException;

  /** Returns the limits of a resource, prlimit(2). */
  ResourceLimit getrlimit(int resource) throws KernelException;

  /** Sets the limits of a resource, prlimit(2). */
  void setrlimit(int resource, ResourceLimit limit) throws KernelException;

  /** Sets the signals that the calling thread blocks, rt_sigprocmask(2); bit n-1 is signal n. */
  void setSignalMask(long mask) throws KernelException;

  /** Ignores a signal, rt_sigaction(2). */
  void ignoreSignal(int signal) throws KernelException;

  /** Changes owner and group of an open file, fchown(2). Clears set-user-ID and capabilities. */
  void fchown(int fd, int uid, int gid) throws KernelException;

  /** Changes the permission bits of an open file, fchmod(2). */
  void fchmod(int fd, int mode) throws KernelException;

  /**
   * Returns an extended attribute of an open file, fgetxattr(2): {@code ENODATA} if it has none of
   * the name.
   */
  byte[] fgetxattr(int fd, OsString name) throws KernelException;

  /**
   * Sets an extended attribute of an open file, fsetxattr(2): {@code EOPNOTSUPP} where the file
   * system has none.
   */
  void fsetxattr(int fd, OsString name, byte[] value) throws KernelException;

  /**
   * Removes an extended attribute of an open file, fremovexattr(2): {@code ENODATA} if it has none
   * of the name, {@code EOPNOTSUPP} where the filesystem has none.
   */
  void fremovexattr(int fd, OsString name) throws KernelException;

  /** Returns what is known of the filesystem of an open file, fstatfs(2). */
  FileSystemStatus fstatfs(int fd) throws KernelException;

  /** Waits until an open file is on its disk, fsync(2). */
  void fsync(int fd) throws KernelException;

  /** Renames a file within a directory, replacing what has the new name, renameat(2). */
  void renameat(int directory, OsString from, OsString to) throws KernelException;

  /**
   * Replaces this process by a program, execve(2). Returns only by an exception.
   *
   * @param path the program, resolved in the root directory of the thread
   */
  void execve(OsString path, List<OsString> arguments, List<OsString> environment)
      throws KernelException;

  /**
   * Starts a program as a child of this process, which inherits what the calling thread has: its
   * root and current directory, namespaces, credentials and personality.
   *
   * @param path the program, resolved in the root directory of the thread
   * @param descriptors our descriptor for each number that the program is to have; it has no other
   * @param blocked the signals that the program blocks; bit n-1 is signal n
   * @param ignored the signals that it ignores if this process does; all others have their default
   * @return the process id
   */
  int spawn(
      OsString path,
      List<OsString> arguments,
      List<OsString> environment,
      Map<Integer, Integer> descriptors,
      long blocked,
      long ignored)
      throws KernelException;

  /** Gives back what is kept for the calling thread, which makes no further call. */
  default void endThread() {}
}
