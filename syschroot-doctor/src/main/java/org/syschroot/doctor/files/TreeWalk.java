// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.files;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.syschroot.kernel.FileDetails;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.TreeCalls;
import org.syschroot.path.OsString;

/**
 * Looks at every file of a directory tree, by descriptors that follow no symbolic link, and enters
 * nothing that is mounted there.
 *
 * <p>A tree may hold anything: a directory with a million names is read in pieces, between which
 * its subdirectories are walked, and a directory is remembered by its name and its parent, not by
 * its path. What is still too much is left out, and {@link #leftOut()} says where. For one thread.
 */
public final class TreeWalk {
  private static final int LIST =
      OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK;
  private static final int NAMES_IN_TURN = 2_000;
  private static final int MOST_OPEN = 64;
  private static final int MOST_WAITING = 16 << 20;
  private static final int MOST_PLACES_LEFT_OUT = 10;

  private final SystemFiles files;
  private final int limit;
  private final Deque<TreePlace> waiting = new ArrayDeque<>();
  private final Map<String, String> leftOut = new LinkedHashMap<>();
  private int room = MOST_WAITING;
  private int open;
  private int seen;
  private boolean isFull;

  /** Creates a walk that ends after {@code limit} files, or when its time is nearly over. */
  public TreeWalk(SystemFiles files, int limit) {
    this.files = files;
    this.limit = limit;
  }

  /** Is told of each file. */
  @FunctionalInterface
  public interface Visitor {
    /** Looks at a file. */
    void visit(Entry entry);
  }

  /** A file in a directory that is open now. */
  public static final class Entry {
    private static final OsString OPENED = OsString.of("/proc/thread-self/fd/");
    private static final OsString SLASH = OsString.of("/");

    private final TreeCalls calls;
    private final TreePlace directory;
    private final int opened;
    private final OsString name;
    private final FileDetails details;

    private Entry(
        TreeCalls calls, TreePlace directory, int opened, OsString name, FileDetails details) {
      this.calls = calls;
      this.directory = directory;
      this.opened = opened;
      this.name = name;
      this.details = details;
    }

    /**
     * Returns its path on the native system; one character a byte. It can be longer than any that
     * the kernel takes.
     */
    public String path() {
      return directory.child(name).path();
    }

    /** Returns what statx(2) says of it. */
    public FileDetails details() {
      return details;
    }

    /** Returns whether it has an extended attribute, false also if that cannot be known. */
    public boolean hasAttribute(OsString attribute) {
      OsString path = OPENED.plus(OsString.of(Integer.toString(opened))).plus(SLASH).plus(name);
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
   * @return whether nothing was left out; what could not be read is in {@link
   *     SystemFiles#notLookedAt()}
   */
  public boolean from(SystemFile top, Visitor visitor) {
    push(TreePlace.top(top.hostPath()));
    try {
      while (!waiting.isEmpty() && isWithinLimits(waiting.peek())) {
        TreePlace place = waiting.pop();
        room += place.size();
        try {
          takeTurn(place, top.status(), visitor);
        } catch (KernelException e) {
          files.note(place.path(), e);
        }
      }
    } finally {
      waiting.forEach(this::close);
      waiting.clear();
    }
    return leftOut.isEmpty();
  }

  /** Returns how many files were seen. */
  public int seen() {
    return seen;
  }

  /** Returns the directories in which something was left out, and why; at most ten. */
  public Map<String, String> leftOut() {
    return leftOut;
  }

  private boolean isWithinLimits(TreePlace next) {
    if (isFull) {
      return false;
    }
    if (files.budget().isNearlySpent()) {
      leaveOut(next, "its time is over");
      return false;
    }
    return true;
  }

  /**
   * Looks at the next names of a directory, and remembers the subdirectories among them; if there
   * are further names it comes after those.
   */
  private void takeTurn(TreePlace place, FileStatus top, Visitor visitor) throws KernelException {
    int opened = open(place);
    Deque<TreePlace> below = new ArrayDeque<>();
    boolean atEnd = false;
    try {
      for (int count = 0; count < NAMES_IN_TURN && !atEnd; ) {
        List<OsString> names = files.calls().nextNames(opened);
        atEnd = names.isEmpty();
        count += names.size();
        files.budget().payFiles(names.size());
        for (OsString name : names) {
          if (seen == limit) {
            isFull = true;
            leaveOut(place, "there are more than " + limit + " files");
            break;
          }
          seen++;
          look(place, opened, name, top, below, visitor);
        }
        atEnd |= isFull;
      }
    } catch (KernelException | RuntimeException | Error e) {
      close(place);
      throw e;
    }
    if (atEnd) {
      close(place);
    } else if (open < MOST_OPEN) {
      push(place);
    } else {
      leaveOut(place, "too many large directories inside one another");
      close(place);
    }
    below.forEach(this::push);
  }

  private void look(
      TreePlace place,
      int opened,
      OsString name,
      FileStatus top,
      Deque<TreePlace> below,
      Visitor visitor) {
    try {
      FileDetails details = files.calls().statx(opened, name);
      if (details.status().isDirectory()) {
        if (!isOnMountOf(top, details.status())) {
          return;
        }
        below.add(place.child(name));
      }
      visitor.visit(new Entry(files.calls(), place, opened, name, details));
    } catch (KernelException e) {
      files.note(place.child(name).path(), e);
    }
  }

  private void push(TreePlace place) {
    if (place.depth() > TreePlace.MOST_DEPTH) {
      leaveOut(place, "more than " + TreePlace.MOST_DEPTH + " directories inside one another");
    } else if (room < place.size()) {
      leaveOut(place, "too many directories at one level");
      close(place);
    } else {
      room -= place.size();
      waiting.push(place);
    }
  }

  private void leaveOut(TreePlace place, String reason) {
    if (leftOut.size() < MOST_PLACES_LEFT_OUT) {
      leftOut.put(SystemFiles.shortened(place.path()), reason);
    }
  }

  private int open(TreePlace place) throws KernelException {
    if (!place.isOpen()) {
      place.opened(descriptor(place));
      open++;
    }
    return place.descriptor();
  }

  /** A path that is longer than the kernel takes is opened in pieces. */
  private int descriptor(TreePlace place) throws KernelException {
    Kernel kernel = files.kernel();
    List<OsString> pieces = place.pieces();
    int at = Kernel.AT_FDCWD;
    for (int i = 0; i < pieces.size(); i++) {
      int before = at;
      try {
        boolean isLast = i == pieces.size() - 1;
        int flags = isLast ? LIST : OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
        at = files.openPlace(before, pieces.get(i), flags | OpenFlags.O_NOFOLLOW);
      } finally {
        if (before != Kernel.AT_FDCWD) {
          kernel.close(before);
        }
      }
    }
    return at;
  }

  private void close(TreePlace place) {
    if (place.isOpen()) {
      open--;
      try {
        files.kernel().close(place.descriptor());
      } catch (KernelException e) {
        files.note(place.path(), e);
      }
      place.closed();
    }
  }

  /** Without numbers of mounts, before Linux 5.8, a bind of the same file system is not noticed. */
  private static boolean isOnMountOf(FileStatus top, FileStatus other) {
    return top.mountId() >= 0 ? top.mountId() == other.mountId() : top.device() == other.device();
  }
}
