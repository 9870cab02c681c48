// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.start;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
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
  /** A file of which everything counts. */
  private static final char ALL = 'F';

  /** A file of which the identity counts. */
  private static final char IDENTITY = 'D';

  /** A file that there is not. */
  private static final char MISSING = '-';

  private static final int IDENTITY_BYTES = 28;
  private static final int ALL_BYTES = 60;
  private static final int MOST_LINKS = 40; // as path_resolution(7)
  private static final OsString SLASH = OsString.of("/");
  private static final OsString HERE = OsString.of(".");
  private static final OsString PARENT = OsString.of("..");

  private final Kernel kernel;
  private final TreeCalls tree;
  private final ReadMoment moment;
  private final Map<OsString, Fact> facts = new LinkedHashMap<>();

  private record Fact(char kind, byte[] found) {}

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
    walk(OsString.of(""), path, ALL, moment);
  }

  /** Adds a file of the host that was read since a moment of its own, and the way to it. */
  void contentSince(OsString path, Instant read) throws NotCachedException {
    walk(OsString.of(""), path, ALL, new ReadMoment(read, moment.mounts()));
  }

  /** Adds what a path of the host leads to, and the way to it. */
  void identity(OsString path) throws NotCachedException {
    walk(OsString.of(""), path, IDENTITY, moment);
  }

  /** Adds a file that was read in an image, and the way to it. */
  void contentInImage(OsString root, OsString path) throws NotCachedException {
    walk(root, path, ALL, moment);
  }

  /** Adds what a path in an image leads to, and the way to it. */
  void identityInImage(OsString root, OsString path) throws NotCachedException {
    walk(root, path, IDENTITY, moment);
  }

  /** Follows a path as the kernel does whose root directory is {@code top}. */
  private void walk(OsString top, OsString path, char last, ReadMoment since)
      throws NotCachedException {
    if (top.isEmpty()) {
      add(SLASH, IDENTITY, since);
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
      FileDetails found = add(place, names.isEmpty() ? last : IDENTITY, since);
      if (found == null) {
        return;
      }
      if (!found.status().isSymbolicLink()) {
        reached.push(place);
        continue;
      }
      add(place, ALL, since);
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

  private @Nullable FileDetails add(OsString path, char kind, ReadMoment since)
      throws NotCachedException {
    requirePlain(path);
    FileDetails found;
    try {
      found = tree.statx(Kernel.AT_FDCWD, path);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        facts.put(path, new Fact(MISSING, new byte[0]));
        return null;
      }
      throw new NotCachedException(path + " cannot be looked at: " + e.reason());
    }
    Fact known = facts.get(path);
    if (known == null || known.kind() == IDENTITY) {
      if (kind == ALL) {
        since.requireUnchanged(path, found);
      }
      facts.put(path, new Fact(kind, kind == ALL ? all(found) : identity(found)));
    }
    return found;
  }

  /** Others could not be told to anybody, and one is what stands between two paths. */
  private static void requirePlain(OsString path) throws NotCachedException {
    for (int i = 0; i < path.length(); i++) {
      if (Byte.toUnsignedInt(path.at(i)) < ' ') {
        throw new NotCachedException(path + " has control characters");
      }
    }
  }

  /** The fields as they are in the structure of statx(2), with what lies between them. */
  private static byte[] identity(FileDetails details) {
    ByteBuffer fields = ByteBuffer.allocate(IDENTITY_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    beginning(fields, details.status());
    return device(fields, details.status()).array();
  }

  private static byte[] all(FileDetails details) {
    ByteBuffer fields = ByteBuffer.allocate(ALL_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    beginning(fields, details.status());
    fields.putLong(details.size());
    fields.putLong(details.changed()).putInt(details.changedNanoseconds());
    fields.putLong(details.modified()).putInt(details.nanoseconds());
    return device(fields, details.status()).array();
  }

  private static void beginning(ByteBuffer fields, FileStatus status) {
    fields.putInt(status.uid()).putInt(status.gid());
    fields.putInt(status.mode()).putLong(status.inode()); // of the mode 2 bytes are zero
  }

  private static ByteBuffer device(ByteBuffer fields, FileStatus status) {
    return fields.putInt((int) (status.device() >>> 32)).putInt((int) status.device());
  }

  /**
   * Adds five parts: the paths of which the identity counts, what it is, the paths of which
   * everything counts, what that is, and the paths where nothing is.
   */
  void addTo(EntryParts parts) {
    addKind(parts, IDENTITY);
    addKind(parts, ALL);
    parts.add(paths(MISSING));
  }

  private void addKind(EntryParts parts, char kind) {
    ByteArrayOutputStream found = new ByteArrayOutputStream();
    for (Fact fact : facts.values()) {
      if (fact.kind() == kind) {
        found.writeBytes(fact.found());
      }
    }
    parts.add(paths(kind)).add(found.toByteArray());
  }

  private byte[] paths(char kind) {
    ByteArrayOutputStream paths = new ByteArrayOutputStream();
    for (Map.Entry<OsString, Fact> fact : facts.entrySet()) {
      if (fact.getValue().kind() == kind) {
        if (paths.size() > 0) {
          paths.write(0);
        }
        paths.writeBytes(fact.getKey().toBytes());
      }
    }
    return paths.toByteArray();
  }
}
