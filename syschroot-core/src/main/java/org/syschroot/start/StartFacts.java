// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.start;

import java.io.ByteArrayOutputStream;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileDetails;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.TreeCalls;
import org.syschroot.path.OsString;

/**
 * The files that a plan was made of, each with what statx(2) says of it, in the form that the start
 * script compares. Of a directory that is only passed through, and of what is mounted, type, owner,
 * permissions and inode count; of a file that was read, size and times as well. Not thread-safe.
 */
final class StartFacts {
  /** A file of which everything counts, as the letter that its line begins with. */
  private static final char ALL = 'F';

  /** A file of which the identity counts. */
  private static final char IDENTITY = 'D';

  private static final String MISSING = "-";
  private static final int MOST_LINKS = 40; // as path_resolution(7)
  private static final OsString SLASH = OsString.of("/");
  private static final OsString HERE = OsString.of(".");
  private static final OsString PARENT = OsString.of("..");

  private final Kernel kernel;
  private final TreeCalls tree;
  private final ReadMoment moment;
  private final Map<OsString, Fact> facts = new LinkedHashMap<>();

  private record Fact(char kind, String text) {}

  /**
   * Creates an empty list.
   *
   * @param moment when the first of the files was read
   */
  StartFacts(Kernel kernel, TreeCalls tree, ReadMoment moment) {
    this.kernel = kernel;
    this.tree = tree;
    this.moment = moment;
  }

  /** Adds a file of the host that was read, or that is missing, and the way to it. */
  void content(OsString path) throws NotCachedException {
    walk(OsString.of(""), path, ALL);
  }

  /** Adds what a path of the host leads to, and the way to it. */
  void identity(OsString path) throws NotCachedException {
    walk(OsString.of(""), path, IDENTITY);
  }

  /** Adds a file that was read in an image, and the way to it. */
  void contentInImage(OsString root, OsString path) throws NotCachedException {
    walk(root, path, ALL);
  }

  /** Adds what a path in an image leads to, and the way to it. */
  void identityInImage(OsString root, OsString path) throws NotCachedException {
    walk(root, path, IDENTITY);
  }

  /** Follows a path as the kernel does whose root directory is {@code top}. */
  private void walk(OsString top, OsString path, char last) throws NotCachedException {
    if (top.isEmpty()) {
      add(SLASH, IDENTITY);
    }
    Deque<OsString> names = new ArrayDeque<>(path.splitAt('/'));
    Deque<OsString> reached = new ArrayDeque<>();
    reached.push(top);
    int links = 0;
    while (!names.isEmpty()) {
      OsString name = names.removeFirst();
      if (name.isEmpty() || name.equals(HERE)) {
        continue;
      }
      if (name.equals(PARENT)) {
        if (reached.size() > 1) {
          reached.pop();
        }
        continue;
      }
      OsString place = reached.element().plus(SLASH).plus(name);
      FileDetails found = add(place, names.isEmpty() ? last : IDENTITY);
      if (found == null) {
        return;
      }
      if (!found.status().isSymbolicLink()) {
        reached.push(place);
        continue;
      }
      add(place, ALL);
      if (++links > MOST_LINKS) {
        throw new NotCachedException(place + " is a loop of symbolic links");
      }
      OsString target = read(place);
      if (target.startsWith(SLASH)) {
        reached.clear();
        reached.push(top);
      }
      List<OsString> further = target.splitAt('/');
      for (int i = further.size() - 1; i >= 0; i--) {
        names.addFirst(further.get(i));
      }
    }
  }

  private OsString read(OsString link) throws NotCachedException {
    try {
      return kernel.readlinkat(Kernel.AT_FDCWD, link);
    } catch (KernelException e) {
      throw new NotCachedException(link + " cannot be read: " + e.reason());
    }
  }

  private @Nullable FileDetails add(OsString path, char kind) throws NotCachedException {
    requirePlain(path);
    FileDetails found;
    try {
      found = tree.statx(Kernel.AT_FDCWD, path);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        facts.put(path, new Fact(ALL, MISSING));
        return null;
      }
      throw new NotCachedException(path + " cannot be looked at: " + e.reason());
    }
    Fact known = facts.get(path);
    if (known == null || known.kind() == IDENTITY) {
      if (kind == ALL) {
        moment.requireUnchanged(path, found);
      }
      facts.put(path, new Fact(kind, kind == ALL ? all(found) : identity(found.status())));
    }
    return found;
  }

  /** The lines are plain text, so that a shell's or a mistake's names cannot break one in two. */
  private static void requirePlain(OsString path) throws NotCachedException {
    for (int i = 0; i < path.length(); i++) {
      if (Byte.toUnsignedInt(path.at(i)) < ' ') {
        throw new NotCachedException(path + " has control characters");
      }
    }
  }

  private static String identity(FileStatus status) {
    return beginning(status) + device(status);
  }

  private static String beginning(FileStatus status) {
    return Integer.toUnsignedString(status.uid())
        + ' '
        + Integer.toUnsignedString(status.gid())
        + ' '
        + status.mode()
        + ' '
        + Long.toUnsignedString(status.inode());
  }

  private static String device(FileStatus status) {
    return " " + (status.device() >>> 32) + ' ' + (status.device() & 0xffffffffL);
  }

  private static String all(FileDetails details) {
    FileStatus status = details.status();
    return beginning(status)
        + ' '
        + details.size()
        + ' '
        + details.changed()
        + ' '
        + details.changedNanoseconds()
        + ' '
        + details.modified()
        + ' '
        + details.nanoseconds()
        + device(status);
  }

  void writeTo(ByteArrayOutputStream lines) {
    for (Map.Entry<OsString, Fact> fact : facts.entrySet()) {
      lines.write(fact.getValue().kind());
      lines.write('\t');
      lines.writeBytes(fact.getKey().toBytes());
      lines.write('\t');
      lines.writeBytes(OsString.of(fact.getValue().text()).toBytes());
      lines.write('\n');
    }
  }
}
