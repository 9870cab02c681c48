// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.testing;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;

/**
 * Files that exist only for a test. What nobody declared is a directory of root's, mode 0755. Paths
 * are those of the native system, whatever root directory a thread has.
 */
final class FileModel {
  private static final int S_IFDIR = 0040000;
  private static final int S_IFREG = 0100000;
  private static final int S_IFLNK = 0120000;
  private static final int MOST_LINKS = 40; // path_resolution(7)
  private static final OsString DOT = OsString.of(".");
  private static final OsString DOT_DOT = OsString.of("..");

  private final Map<HostPath, Node> nodes = new HashMap<>();
  private final Set<HostPath> missing = new HashSet<>();
  private final Map<HostPath, Long> inodes = new HashMap<>();

  /** A file of any kind; {@code empty} is a directory that has only what was put into it. */
  private record Node(
      int type,
      int mode,
      int uid,
      int gid,
      byte[] content,
      @Nullable OsString link,
      boolean empty) {
    Node withMode(int other) {
      return new Node(type, other, uid, gid, content, link, empty);
    }

    Node withContent(byte[] other) {
      return new Node(type, mode, uid, gid, other, link, empty);
    }

    Node withOwner(int user, int group) {
      return new Node(type, mode, user, group, content, link, empty);
    }
  }

  private static Node directoryNode(boolean empty) {
    return new Node(S_IFDIR, 0755, 0, 0, new byte[0], null, empty);
  }

  void directory(HostPath path) {
    put(path, directoryNode(false));
  }

  void emptyDirectory(HostPath path) {
    put(path, directoryNode(true));
  }

  void file(HostPath path, byte[] content, int mode) {
    put(path, new Node(S_IFREG, mode, 0, 0, content.clone(), null, false));
  }

  void symlink(HostPath path, OsString target) {
    put(path, new Node(S_IFLNK, 0777, 0, 0, new byte[0], target, false));
  }

  void missing(HostPath path) {
    nodes.keySet().removeIf(known -> known.startsWith(path));
    missing.add(path);
  }

  void rename(HostPath from, HostPath to) {
    put(to, required(from));
    missing(from);
  }

  void link(HostPath from, HostPath to) {
    put(to, required(from));
    status(from).ifPresent(same -> inodes.put(to, same.inode()));
  }

  private void put(HostPath path, Node node) {
    missing.remove(path);
    nodes.put(path, node);
  }

  void mode(HostPath path, int permissions) {
    nodes.put(path, required(path).withMode(permissions));
  }

  void owner(HostPath path, int uid, int gid) {
    nodes.put(path, required(path).withOwner(uid, gid));
  }

  private Node required(HostPath path) {
    Node node = node(path);
    if (node == null) {
      throw new IllegalArgumentException(path + " was declared missing");
    }
    return node;
  }

  boolean exists(HostPath path) {
    return node(path) != null;
  }

  Optional<FileStatus> status(HostPath path) {
    Node node = node(path);
    if (node == null) {
      return Optional.empty();
    }
    long inode = inodes.computeIfAbsent(path, unseen -> 2L + inodes.size());
    return Optional.of(
        new FileStatus(1, inode, node.type() | node.mode(), node.uid(), node.gid(), 1));
  }

  boolean isDirectory(HostPath path) {
    Node node = node(path);
    return node != null && node.type() == S_IFDIR;
  }

  boolean isSymlink(HostPath path) {
    Node node = node(path);
    return node != null && node.type() == S_IFLNK;
  }

  OsString linkText(HostPath path) throws Refusal {
    Node node = node(path);
    if (node == null) {
      throw new Refusal(Errno.ENOENT);
    }
    if (node.link() == null) {
      throw new Refusal(Errno.EINVAL);
    }
    return node.link();
  }

  byte[] content(HostPath path) throws Refusal {
    Node node = node(path);
    if (node == null) {
      throw new Refusal(Errno.ENOENT);
    }
    if (node.type() == S_IFDIR) {
      throw new Refusal(Errno.EISDIR);
    }
    return node.content();
  }

  /** Adds to the content of a file; what is no regular file takes it without a trace. */
  void append(HostPath path, byte[] bytes) {
    Node node = node(path);
    if (node != null && node.type() == S_IFREG) {
      byte[] longer = Arrays.copyOf(node.content(), node.content().length + bytes.length);
      System.arraycopy(bytes, 0, longer, node.content().length, bytes.length);
      nodes.put(path, node.withContent(longer));
    }
  }

  /** Returns the names of what was declared or made in a directory, in order. */
  List<OsString> names(HostPath directory) {
    return nodes.keySet().stream()
        .filter(path -> path.startsWith(directory) && !path.equals(directory))
        .map(path -> names(path.relativeTo(directory)).get(0))
        .distinct()
        .sorted()
        .toList();
  }

  private @Nullable Node node(HostPath path) {
    Node own = nodes.get(path);
    if (own != null) {
      return own;
    }
    for (HostPath at = path; !at.isRoot(); at = parent(at)) {
      Node above = nodes.get(at);
      boolean closed = above != null && (above.empty() || above.type() != S_IFDIR);
      if (closed || missing.contains(at)) {
        return null;
      }
    }
    return directoryNode(false);
  }

  /**
   * Returns where a path leads. The last component may be missing, those before it may not.
   *
   * @param root what {@code /} means
   * @param start where a relative path begins
   * @param followLast whether a symbolic link in the last component is followed
   * @param links whether any symbolic link may be followed
   */
  HostPath resolve(HostPath root, HostPath start, OsString text, boolean followLast, boolean links)
      throws Refusal {
    if (text.isEmpty()) {
      throw new Refusal(Errno.ENOENT);
    }
    Deque<OsString> todo = new ArrayDeque<>(names(text));
    HostPath at = text.at(0) == '/' ? root : start;
    int followed = 0;
    while (!todo.isEmpty()) {
      OsString name = todo.removeFirst();
      if (!exists(at)) {
        throw new Refusal(Errno.ENOENT);
      }
      if (!isDirectory(at)) {
        throw new Refusal(Errno.ENOTDIR);
      }
      if (name.equals(DOT_DOT)) {
        at = at.equals(root) ? at : parent(at);
        continue;
      }
      HostPath next = at.resolve(name);
      if (isSymlink(next) && (followLast || !todo.isEmpty())) {
        if (!links || ++followed > MOST_LINKS) {
          throw new Refusal(Errno.ELOOP);
        }
        OsString target = linkText(next);
        List<OsString> further = names(target);
        Collections.reverse(further);
        further.forEach(todo::addFirst);
        at = !target.isEmpty() && target.at(0) == '/' ? root : at;
        continue;
      }
      at = next;
    }
    return at;
  }

  private static List<OsString> names(OsString text) {
    List<OsString> names = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      if (i == text.length() || text.at(i) == '/') {
        OsString name = text.slice(start, i);
        if (!name.isEmpty() && !name.equals(DOT)) {
          names.add(name);
        }
        start = i + 1;
      }
    }
    return names;
  }

  static HostPath parent(HostPath path) {
    HostPath parent = HostPath.ROOT;
    List<OsString> names = path.names();
    for (int i = 0; i < names.size() - 1; i++) {
      parent = parent.resolve(names.get(i));
    }
    return parent;
  }
}
