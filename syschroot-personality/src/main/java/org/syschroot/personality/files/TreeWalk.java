// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.files;

import java.util.ArrayDeque;
import java.util.Deque;
import org.syschroot.kernel.FileDetails;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.TreeCalls;
import org.syschroot.path.OsString;

/**
 * Looks at every file of a directory tree, by descriptors that follow no symbolic link, and enters
 * nothing that is mounted there. The number of files is limited. For one thread.
 */
public final class TreeWalk {
  private static final int LIST =
      OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK;

  private final SystemFiles files;
  private final int limit;
  private int seen;

  /** Creates a walk that ends after {@code limit} files. */
  public TreeWalk(SystemFiles files, int limit) {
    this.files = files;
    this.limit = limit;
  }

  /** Is told of each file. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Looks at a file.
     *
     * @param directory the path of its directory, as the walk was given it; one character a byte
     * @param entry the file in it
     */
    void visit(String directory, Entry entry);
  }

  /** A file in a directory that is open now. */
  public static final class Entry {
    private static final OsString OPENED = OsString.of("/proc/thread-self/fd/");
    private static final OsString SLASH = OsString.of("/");

    private final TreeCalls calls;
    private final int directory;
    private final OsString name;
    private final FileDetails details;

    private Entry(TreeCalls calls, int directory, OsString name, FileDetails details) {
      this.calls = calls;
      this.directory = directory;
      this.name = name;
      this.details = details;
    }

    /** Returns its name; one character a byte. */
    public String name() {
      return ByteText.of(name);
    }

    /** Returns what statx(2) says of it. */
    public FileDetails details() {
      return details;
    }

    /** Returns whether it has an extended attribute, false also if that cannot be known. */
    public boolean hasAttribute(OsString attribute) {
      OsString path = OPENED.plus(OsString.of(Integer.toString(directory))).plus(SLASH).plus(name);
      try {
        return calls.lgetxattr(path, attribute).length > 0;
      } catch (KernelException none) {
        return false;
      }
    }
  }

  /**
   * Walks a tree.
   *
   * @param top a directory; one that is missing has no files
   * @return whether all of it was seen, false if there are more files than the limit; what could
   *     not be read is in {@link SystemFiles#notLookedAt()}
   */
  public boolean from(SystemFile top, Visitor visitor) {
    Deque<String> pending = new ArrayDeque<>();
    pending.push(top.hostPath());
    while (!pending.isEmpty()) {
      String directory = pending.pop();
      try {
        if (!list(directory, top.status(), pending, visitor)) {
          return false;
        }
      } catch (KernelException e) {
        files.note(directory, e);
      }
    }
    return true;
  }

  /** Returns how many files were seen. */
  public int seen() {
    return seen;
  }

  private boolean list(String directory, FileStatus top, Deque<String> pending, Visitor visitor)
      throws KernelException {
    Kernel kernel = files.kernel();
    int opened = files.openPlace(directory, LIST);
    try {
      for (OsString name : kernel.getdents(opened)) {
        if (++seen > limit) {
          return false;
        }
        look(directory, opened, name, top, pending, visitor);
      }
      return true;
    } finally {
      kernel.close(opened);
    }
  }

  private void look(
      String directory,
      int opened,
      OsString name,
      FileStatus top,
      Deque<String> pending,
      Visitor visitor) {
    try {
      FileDetails details = files.calls().statx(opened, name);
      if (details.status().isDirectory()) {
        if (!isOnMountOf(top, details.status())) {
          return;
        }
        pending.push((directory.equals("/") ? "" : directory) + "/" + ByteText.of(name));
      }
      visitor.visit(directory, new Entry(files.calls(), opened, name, details));
    } catch (KernelException e) {
      files.note(directory + "/" + ByteText.of(name), e);
    }
  }

  /** Without numbers of mounts, before Linux 5.8, a bind of the same file system is not noticed. */
  private static boolean isOnMountOf(FileStatus top, FileStatus other) {
    return top.mountId() >= 0 ? top.mountId() == other.mountId() : top.device() == other.device();
  }
}
