// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.List;
import java.util.Optional;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.Machine;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;

/**
 * What a launcher does, read from the file itself. Immutable.
 *
 * @param machine what it runs on
 * @param plan what it does; image, root, personality, program and the rest are there
 * @param digest the digest in the file, which is that of the plan's text
 * @param intact whether the file is, byte for byte, what the compiler makes of this plan: then the
 *     instructions are the reviewed ones and the table is the plan. If not, trust only {@link
 *     #listing()}
 * @param entries the table
 * @param size the size in bytes
 * @param capabilities the file's capabilities; empty if there are none, or the bytes came alone
 * @param status owner and mode; empty if the bytes came alone
 * @param listing the instructions under the labels of the source, with address, bytes and mnemonic
 *     as objdump(1) has them; then the table under the steps of the plan, with the constants that
 *     each entry refers to
 */
public record LauncherFile(
    Machine machine,
    LaunchPlan plan,
    Digest digest,
    boolean intact,
    List<TableEntry> entries,
    int size,
    Optional<FileCapabilities> capabilities,
    Optional<FileStatus> status,
    List<String> listing) {
  private static final int S_ISUID = 04000;

  /** Copies the lists. */
  public LauncherFile {
    entries = List.copyOf(entries);
    listing = List.copyOf(listing);
  }

  /**
   * Reads a launcher; symbolic links are not followed.
   *
   * @throws LauncherException if the file is none
   * @throws KernelException if it cannot be read
   */
  public static LauncherFile read(Kernel kernel, HostPath path)
      throws KernelException, LauncherException {
    int fd = open(kernel, path);
    try {
      FileStatus status = kernel.fstat(fd);
      if (!status.isRegularFile()) {
        throw new LauncherException(path + " is not a launcher: it is not a regular file");
      }
      LauncherFile file;
      try {
        file = parse(kernel.read(fd, Layout.MOST_BYTES + 1));
      } catch (LauncherException e) {
        throw new LauncherException(path + " is not a launcher: " + e.getMessage(), e);
      }
      return file.with(capabilities(kernel, fd), status);
    } finally {
      kernel.close(fd);
    }
  }

  private static int open(Kernel kernel, HostPath path) throws KernelException, LauncherException {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK;
    try {
      return kernel.openat(Kernel.AT_FDCWD, path.value(), flags, 0);
    } catch (KernelException e) {
      if (e.is(Errno.ELOOP)) {
        throw new LauncherException(path + " is not a launcher: it is a symbolic link", e);
      }
      throw e;
    }
  }

  private static Optional<FileCapabilities> capabilities(Kernel kernel, int fd)
      throws KernelException {
    try {
      return FileCapabilities.parse(kernel.fgetxattr(fd, FileCapabilities.ATTRIBUTE));
    } catch (KernelException e) {
      if (e.is(Errno.ENODATA) || e.is(Errno.EOPNOTSUPP)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Reads the bytes of a launcher.
   *
   * @throws LauncherException if they are none
   */
  public static LauncherFile parse(byte[] bytes) throws LauncherException {
    return new LauncherReader(bytes).read();
  }

  private LauncherFile with(Optional<FileCapabilities> found, FileStatus theStatus) {
    return new LauncherFile(
        machine, plan, digest, intact, entries, size, found, Optional.of(theStatus), listing);
  }

  /** Returns whether the file is set-user-ID. */
  public boolean isSetUserId() {
    return status.isPresent() && (status.get().permissions() & S_ISUID) != 0;
  }

  /**
   * Returns whether it has exactly the privilege that the plan needs, so that it is neither useless
   * nor able to do more: owner, mode and capabilities.
   */
  public boolean hasItsPrivilege() {
    boolean wantsNone = plan.privilege() == Privilege.NONE;
    if (status.isEmpty()
        || (!wantsNone && status.get().uid() != 0)
        || status.get().isWritableByOthers()) {
      return false;
    }
    boolean wantsSetUserId = plan.privilege() == Privilege.SET_USER_ID;
    Optional<FileCapabilities> wanted =
        wantsSetUserId || wantsNone
            ? Optional.empty()
            : Optional.of(FileCapabilities.effective(plan.fileCapabilities()));
    return isSetUserId() == wantsSetUserId && capabilities.equals(wanted);
  }

  /** Returns whether this is what a plan would be compiled to, on the machine of this file. */
  public boolean isUpToDate(LaunchPlan wanted) {
    return intact && digest.equals(wanted.digest());
  }
}
