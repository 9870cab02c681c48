// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Predicate;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * Deletes a directory tree, and nothing else.
 *
 * <p>Two things could lead a recursive delete out of the tree. A symbolic link, or a directory that
 * somebody replaces by one meanwhile: so the tree is walked by descriptors that follow no link, the
 * top must still be the directory that it was when this object was made, and so must each directory
 * that the walk comes back to. A mount, because what is deleted through a bind mount is gone from
 * the native system, and file systems of one device are not told apart by {@code st_dev}: so the
 * mount tables of all namespaces must first show that there is none beneath, and each directory
 * that is entered must be on the same mount as the top.
 *
 * <p>Immutable; for one thread at a time.
 */
public final class TreeRemoval {
  private static final int TO_READ =
      OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
  private static final OsString UP = OsString.of("..");

  private final Kernel kernel;
  private final HostPath top;
  private final FileStatus identity;

  private TreeRemoval(Kernel kernel, HostPath top, FileStatus identity) {
    this.kernel = kernel;
    this.top = top;
    this.identity = identity;
  }

  /**
   * Remembers which directory a path is now.
   *
   * @param path the top of the tree, not a symbolic link
   * @throws KernelException {@code ENOTDIR} or {@code ELOOP} if it is no directory, or if it cannot
   *     be looked at
   * @throws MountException if it is the root directory
   */
  public static TreeRemoval of(Kernel kernel, HostPath path) throws IOException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    try (Descriptor directory =
        new Descriptor(kernel, kernel.openat(Kernel.AT_FDCWD, path.value(), flags, 0))) {
      HostPath top = HostPath.of(directory.path());
      if (top.isRoot()) {
        throw new MountException("will not delete /, the native system itself");
      }
      return new TreeRemoval(kernel, top, directory.status());
    }
  }

  /** Returns the directory, without symbolic links on the way to it. */
  public HostPath top() {
    return top;
  }

  /**
   * Checks that nothing is mounted on it, or beneath it in any mount namespace.
   *
   * @throws MountException if something is
   */
  public void check() throws IOException {
    checkMounts(true);
  }

  /**
   * Deletes the directory and everything in it.
   *
   * @throws MountException if something is mounted beneath it in any mount namespace, or if it is
   *     not the same directory any more; then nothing was deleted
   * @throws IOException if something cannot be deleted; then the rest stays
   */
  public void removeAll() throws IOException {
    remove(path -> true, true);
  }

  /**
   * Deletes what is chosen.
   *
   * @param chosen says of a path beneath {@link #top()} whether it is to go; a directory that is
   *     not is not entered
   * @param topToo whether the directory itself is to go
   * @throws KernelException {@code ENOTEMPTY} if a chosen directory holds what was not chosen
   */
  public void remove(Predicate<HostPath> chosen, boolean topToo) throws IOException {
    checkMounts(topToo);
    OsString name = top.value().baseName();
    HostPath parent = HostPath.of(top.value().slice(0, top.value().length() - name.length()));
    PathResolver resolver = new PathResolver(kernel);
    try (Descriptor directory = resolver.withoutLinks(parent, OpenFlags.O_DIRECTORY)) {
      new Walk(chosen, open(directory, name)).run();
      if (topToo) {
        kernel.unlinkat(directory.number(), name, OpenFlags.AT_REMOVEDIR);
      }
    }
  }

  private void checkMounts(boolean topToo) throws IOException {
    List<String> mounts = new ArrayList<>(new MountsOnTree(kernel, top, identity).find());
    // What was mounted on a directory that stays is part of the tree.
    if (topToo && MountTable.read().at(top).isPresent()) {
      mounts.add(top.toString());
    }
    if (!mounts.isEmpty()) {
      throw new MountException(
          "will not delete "
              + top
              + " while "
              + String.join(", ", mounts)
              + (mounts.size() == 1 ? " is" : " are")
              + " mounted, since that could delete the files of the host: unmount first");
    }
  }

  private Descriptor open(Descriptor parent, OsString name) throws KernelException {
    return new Descriptor(kernel, kernel.openat(parent.number(), name, TO_READ, 0));
  }

  /**
   * One walk, depth first, with one descriptor however deep the tree is: the way back up is {@code
   * ..}, checked.
   */
  private final class Walk {
    private final Predicate<HostPath> chosen;
    private final Deque<Level> levels = new ArrayDeque<>();
    private Descriptor current;

    /** A directory on the way, and what of it is still to be done. */
    private record Level(HostPath path, FileStatus status, Deque<OsString> names) {}

    Walk(Predicate<HostPath> chosen, Descriptor opened) {
      this.chosen = chosen;
      this.current = opened;
    }

    void run() throws IOException {
      try {
        if (!isSame(identity)) {
          throw new MountException(
              "will not delete "
                  + top
                  + ": it was replaced meanwhile; look at it, and delete it by hand");
        }
        enter(top);
        while (levels.size() > 1 || !levels.getLast().names().isEmpty()) {
          Level level = levels.getLast();
          if (level.names().isEmpty()) {
            leave();
          } else {
            delete(level, level.names().removeFirst());
          }
        }
      } finally {
        current.close();
      }
    }

    private boolean isSame(FileStatus directory) throws KernelException {
      FileStatus status = current.status();
      return status.sameFileAs(directory) && status.mountId() == directory.mountId();
    }

    private void enter(HostPath path) throws KernelException {
      Deque<OsString> names = new ArrayDeque<>(kernel.getdents(current.number()));
      levels.addLast(new Level(path, current.status(), names));
    }

    private void delete(Level level, OsString name) throws IOException {
      HostPath path = level.path().resolve(name);
      if (!chosen.test(path)) {
        return;
      }
      try {
        kernel.unlinkat(current.number(), name, 0);
      } catch (KernelException e) {
        if (!e.is(Errno.EISDIR)) {
          throw e;
        }
        descend(path, name);
      }
    }

    private void descend(HostPath path, OsString name) throws IOException {
      moveTo(name);
      if (current.status().mountId() != identity.mountId()) {
        throw new MountException(
            "will not delete " + path + ": something was mounted there meanwhile");
      }
      enter(path);
    }

    private void moveTo(OsString name) throws KernelException {
      Descriptor next = open(current, name);
      current.close();
      current = next;
    }

    private void leave() throws IOException {
      OsString name = levels.removeLast().path().value().baseName();
      Level above = levels.getLast();
      moveTo(UP);
      if (!isSame(above.status())) {
        throw new MountException(
            "stopped deleting in " + above.path() + ": it was moved meanwhile");
      }
      kernel.unlinkat(current.number(), name, OpenFlags.AT_REMOVEDIR);
    }
  }
}
