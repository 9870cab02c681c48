// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts.tree;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.TreeCalls;
import org.syschroot.mounts.MountException;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.PathResolver;
import org.syschroot.mounts.table.MountTable;
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

  /** Beyond this depth names are read again rather than kept. */
  private static final int LEVELS_WITH_NAMES = 100;

  private final Kernel kernel;
  private final TreeCalls calls = LinuxTreeCalls.running();
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
        Descriptor.opened(kernel, kernel.openat(Kernel.AT_FDCWD, path.value(), flags, 0))) {
      HostPath top = HostPath.of(directory.path());
      if (top.isRoot()) {
        throw new MountException("will not delete /, the host itself");
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
    removeAll(true);
  }

  /**
   * Deletes everything in the directory.
   *
   * @param topToo whether the directory itself is to go
   * @throws IOException as {@link #removeAll()}
   */
  public void removeAll(boolean topToo) throws IOException {
    walk(null, topToo);
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
    walk(chosen, topToo);
  }

  private void walk(@Nullable Predicate<HostPath> chosen, boolean topToo) throws IOException {
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
              + " mounted, because that could delete files of the host: unmount first");
    }
  }

  private Descriptor open(Descriptor parent, OsString name) throws KernelException {
    return Descriptor.opened(kernel, kernel.openat(parent.number(), name, TO_READ, 0));
  }

  /**
   * One walk, depth first, with one descriptor however deep the tree is: the way back up is {@code
   * ..}, checked. What it remembers of a directory is little, since users can make directories as
   * deep and as full as they like.
   */
  private final class Walk {
    private final @Nullable Predicate<HostPath> chosen;
    private final Deque<Level> levels = new ArrayDeque<>();
    private Descriptor current;

    Walk(@Nullable Predicate<HostPath> chosen, Descriptor opened) {
      this.chosen = chosen;
      this.current = opened;
    }

    void run() throws IOException {
      try {
        FileStatus status = current.status();
        if (!status.sameFileAs(identity) || status.mountId() != identity.mountId()) {
          throw new MountException(
              "will not delete "
                  + top
                  + ": it was replaced during the command; check it, and delete it yourself");
        }
        levels.addLast(new Level(top.value(), status));
        while (!levels.isEmpty()) {
          Level level = levels.getLast();
          if (level.names.hasNext()) {
            delete(level.names.next());
          } else {
            readOn(level);
          }
        }
      } finally {
        current.close();
      }
    }

    /** Gets names that are there still, from the beginning if the walk has been elsewhere. */
    private void readOn(Level level) throws IOException {
      List<OsString> names = calls.nextNames(current.number());
      if (names.isEmpty()) {
        leave();
      } else {
        level.names = names.iterator();
      }
    }

    private void delete(OsString name) throws IOException {
      if (chosen != null && !chosen.test(path().resolve(name))) {
        return;
      }
      try {
        kernel.unlinkat(current.number(), name, 0);
      } catch (KernelException e) {
        if (e.is(Errno.ENOENT)) {
          return; // somebody else was faster
        }
        if (!e.is(Errno.EISDIR)) {
          throw e;
        }
        descend(name);
      }
    }

    private void descend(OsString name) throws IOException {
      moveTo(name);
      FileStatus status = current.status();
      if (status.mountId() != identity.mountId()) {
        throw new MountException(
            "will not delete "
                + path().resolve(name)
                + ": something was mounted on it during the"
                + " command");
      }
      if (levels.size() > LEVELS_WITH_NAMES) {
        levels.getLast().names = Collections.emptyIterator(); // they are read again
      }
      levels.addLast(new Level(name, status));
    }

    private void moveTo(OsString name) throws KernelException {
      Descriptor next = open(current, name);
      current.close();
      current = next;
    }

    private void leave() throws IOException {
      OsString name = levels.removeLast().name;
      if (levels.isEmpty()) {
        return;
      }
      moveTo(UP);
      if (!levels.getLast().is(current.status())) {
        throw new MountException(
            "stopped deleting in " + path() + ": it was moved during the command");
      }
      kernel.unlinkat(current.number(), name, OpenFlags.AT_REMOVEDIR);
    }

    private HostPath path() {
      OsString path = OsString.of("");
      for (Level level : levels) {
        path = path.isEmpty() ? level.name : path.plus(OsString.of("/")).plus(level.name);
      }
      return HostPath.of(path);
    }
  }

  /** A directory on the way, and names in it that are still to be looked at. */
  private final class Level {
    private final OsString name;
    private final long device;
    private final long inode;
    private Iterator<OsString> names = Collections.emptyIterator();

    Level(OsString name, FileStatus status) {
      this.name = name;
      this.device = status.device();
      this.inode = status.inode();
    }

    boolean is(FileStatus status) {
      return status.device() == device
          && status.inode() == inode
          && status.mountId() == identity.mountId();
    }
  }
}
