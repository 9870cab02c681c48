// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;
import org.syschroot.trust.TrustedPath;

/**
 * The manual page of an image's launcher, {@code man NAME}, where man(1) looks for the page of a
 * program of that directory. Only files that this class has written are replaced or removed, and
 * they are written where nobody but the launcher's owner could. Immutable.
 */
public final class ManualPageFile {
  private static final OsString SECTION = OsString.of("man1");
  private static final OsString TEMPORARY = OsString.of(".syschroot-new-");
  private static final int FOR_ALL = 0644;
  private static final int DIRECTORY_FOR_ALL = 0755;
  private static final int LONGEST_PAGE = 1 << 16; // bytes

  private final Kernel kernel;
  private final TrustedPath trust;
  private final HostPath launcher;
  private final HostPath directory;

  /**
   * Names the page of a launcher; nothing is looked at.
   *
   * @param effectiveUid the effective user of this process
   * @param launcher the pathname of the launcher
   */
  public ManualPageFile(Kernel kernel, int effectiveUid, HostPath launcher) {
    this.kernel = kernel;
    this.trust = TrustedPath.forUser(kernel, effectiveUid);
    this.launcher = launcher;
    this.directory = above(launcher);
  }

  private static HostPath above(HostPath path) {
    return HostPath.of(
        path.value().slice(0, path.value().length() - path.value().baseName().length()));
  }

  private OsString name() {
    return launcher.value().baseName().plus(OsString.of(".1"));
  }

  /**
   * Writes the page, replacing one of an earlier launcher.
   *
   * @return where it is, or empty if another page has its name
   * @throws UntrustedException if others could change the directory of pages
   * @throws KernelException if a call fails
   */
  public Optional<HostPath> write(Launcher of) throws KernelException, UntrustedException {
    HostPath place = place();
    int section = openSection(place);
    try {
      if (!isOurs(section, true)) {
        return Optional.empty();
      }
      OsString temporary = TEMPORARY.plus(name());
      unlink(section, temporary);
      int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
      int fd = kernel.openat(section, temporary, flags, FOR_ALL);
      try {
        kernel.write(fd, new ManualPage(of).toString().getBytes(StandardCharsets.UTF_8));
        kernel.fchmod(fd, FOR_ALL);
      } catch (KernelException failure) {
        unlink(section, temporary);
        throw failure;
      } finally {
        kernel.close(fd);
      }
      kernel.renameat(section, temporary, name());
      return Optional.of(place.resolve(SECTION).resolve(name()));
    } finally {
      kernel.close(section);
    }
  }

  /**
   * Removes the page of this launcher, wherever man(1) would look for it, and directories that were
   * made for pages and are empty.
   *
   * @return which were removed
   * @throws KernelException if a call fails; what is missing is no failure
   */
  public List<HostPath> remove() throws KernelException {
    List<HostPath> removed = new ArrayList<>();
    for (HostPath place : places()) {
      try {
        int section = trust.open(place.resolve(SECTION));
        try {
          if (isOurs(section, false)) {
            kernel.unlinkat(section, name(), 0);
            removed.add(place.resolve(SECTION).resolve(name()));
          }
        } finally {
          kernel.close(section);
        }
      } catch (UntrustedException | KernelException notThere) {
        // Nothing of this launcher is there.
      }
    }
    if (!removed.isEmpty()) {
      removeEmpty();
    }
    return List.copyOf(removed);
  }

  /** The order in which man-db's manpath(1) looks beside a directory of programs. */
  private List<HostPath> places() {
    HostPath parent = above(directory);
    return List.of(
        parent.resolve("man"),
        directory.resolve("man"),
        parent.resolve("share/man"),
        directory.resolve("share/man"));
  }

  private HostPath place() throws KernelException {
    for (HostPath place : places()) {
      if (isDirectory(place)) {
        return place;
      }
    }
    HostPath share = above(directory).resolve("share");
    boolean isBeside =
        directory.value().baseName().equals(OsString.of("bin")) && isDirectory(share);
    return places().get(isBeside ? 2 : 3);
  }

  private boolean isDirectory(HostPath path) throws KernelException {
    try {
      int fd = trust.open(path);
      try {
        return kernel.fstat(fd).isDirectory();
      } finally {
        kernel.close(fd);
      }
    } catch (UntrustedException e) {
      return false;
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.EACCES)) {
        return false;
      }
      throw e;
    }
  }

  /** Opens the directory of section 1, and makes what is missing on the way. */
  private int openSection(HostPath place) throws KernelException, UntrustedException {
    HostPath section = place.resolve(SECTION);
    for (HostPath part : List.of(above(place), place, section)) {
      try {
        kernel.close(trust.open(part));
      } catch (KernelException e) {
        if (!e.is(Errno.ENOENT)) {
          throw e;
        }
        make(part);
      }
    }
    return trust.open(section);
  }

  private void make(HostPath path) throws KernelException, UntrustedException {
    int parent = trust.open(above(path));
    try {
      kernel.mkdirat(parent, path.value().baseName(), DIRECTORY_FOR_ALL);
      int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
      int made = kernel.openat(parent, path.value().baseName(), flags, 0);
      try {
        kernel.fchmod(made, DIRECTORY_FOR_ALL); // whatever the umask is
      } finally {
        kernel.close(made);
      }
    } finally {
      kernel.close(parent);
    }
  }

  /** Returns whether the page of this name is one of this launcher. */
  private boolean isOurs(int section, boolean ifMissing) throws KernelException {
    try {
      int handle = kernel.openat(section, name(), OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW, 0);
      try {
        if (!kernel.fstat(handle).isRegularFile()) {
          return false;
        }
      } finally {
        kernel.close(handle);
      }
      int fd = kernel.openat(section, name(), OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW, 0);
      try {
        String text = new String(kernel.read(fd, LONGEST_PAGE), StandardCharsets.UTF_8);
        return text.startsWith(ManualPage.firstLine(launcher.toString()));
      } finally {
        kernel.close(fd);
      }
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return ifMissing;
      }
      throw e;
    }
  }

  /** Beside programs that are not in a "bin", the directories are most often for nothing else. */
  private void removeEmpty() throws KernelException {
    HostPath share = directory.resolve("share");
    HostPath man = share.resolve("man");
    for (HostPath path : List.of(man.resolve(SECTION), man, share)) {
      try {
        int parent = trust.open(above(path));
        try {
          kernel.unlinkat(parent, path.value().baseName(), OpenFlags.AT_REMOVEDIR);
        } finally {
          kernel.close(parent);
        }
      } catch (UntrustedException | KernelException inUseOrMissing) {
        return;
      }
    }
  }

  private void unlink(int section, OsString name) throws KernelException {
    try {
      kernel.unlinkat(section, name, 0);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }
}
