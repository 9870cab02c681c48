// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.trust;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.OsString;

/**
 * Resolves a path beneath a directory as openat2(2) does with {@code RESOLVE_IN_ROOT}, for kernels
 * that do not have it (before Linux 5.6).
 *
 * <p>One component at a time is opened without following links; a link's text is resolved here,
 * beginning at the directory if it is absolute; and {@code ..} leads back to the directory that was
 * come from, so that a directory renamed meanwhile cannot lead out. A link of {@code /proc} that
 * the kernel would jump through is only its text here. For one walk and one thread.
 */
final class ComponentWalk {
  private static final int MOST_LINKS = 40; // path_resolution(7)
  private static final OsString HERE = OsString.of(".");
  private static final OsString UP = OsString.of("..");

  private final Kernel kernel;
  private final int root;
  private final int mostLinks;
  private final OpenWay way;
  private final Deque<OsString> names = new ArrayDeque<>();
  private int links;

  private ComponentWalk(Kernel kernel, int root, int mostLinks) {
    this.kernel = kernel;
    this.root = root;
    this.mostLinks = mostLinks;
    this.way = new OpenWay(kernel);
  }

  /**
   * Opens what a path leads to, links at its end followed.
   *
   * @param root the directory that is {@code /}, and where a relative path begins
   * @return an {@code O_PATH} descriptor, which the caller closes
   * @throws KernelException as openat2(2)
   */
  static int open(Kernel kernel, int root, OsString path, int flags) throws KernelException {
    return new ComponentWalk(kernel, root, MOST_LINKS).open(path, flags);
  }

  /** Opens what a path leads to; {@code ELOOP} if there is a link on the way. */
  static int openWithoutLinks(Kernel kernel, int root, OsString path, int flags)
      throws KernelException {
    return new ComponentWalk(kernel, root, 0).open(path, flags);
  }

  private int open(OsString path, int flags) throws KernelException {
    try {
      push(path);
      way.open(root, HERE, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
      while (!names.isEmpty()) {
        step(names.removeFirst(), path);
      }
      return result(path, flags);
    } finally {
      way.closeAll();
    }
  }

  private int result(OsString path, int flags) throws KernelException {
    if ((flags & OpenFlags.O_DIRECTORY) != 0) {
      requireDirectory(path);
    }
    return way.takeLast();
  }

  private void step(OsString name, OsString path) throws KernelException {
    requireDirectory(path);
    if (name.equals(HERE)) {
      return;
    }
    if (name.equals(UP)) {
      if (way.size() > 1) {
        way.closeLast();
      }
      return;
    }
    way.open(way.last(), name, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
    if (kernel.fstat(way.last()).isSymbolicLink()) {
      follow(path);
    }
  }

  private void follow(OsString path) throws KernelException {
    if (++links > mostLinks) {
      throw failed(path, Errno.ELOOP);
    }
    OsString text = kernel.readlinkat(way.last(), OsString.of(""));
    way.closeLast();
    if (!text.isEmpty() && text.at(0) == '/') {
      while (way.size() > 1) {
        way.closeLast();
      }
    }
    push(text);
  }

  private void requireDirectory(OsString path) throws KernelException {
    FileStatus status = kernel.fstat(way.last());
    if (!status.isDirectory()) {
      throw failed(path, Errno.ENOTDIR);
    }
  }

  private static KernelException failed(OsString path, Errno errno) {
    return new KernelException("openat", "path=" + path + " in the image", errno.number());
  }

  /** Puts the names of a path first; one that ends with a slash ends with {@code .} then. */
  private void push(OsString path) {
    List<OsString> parts = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= path.length(); i++) {
      if (i == path.length() || path.at(i) == '/') {
        OsString name = path.slice(start, i);
        parts.add(name.isEmpty() ? HERE : name);
        start = i + 1;
      }
    }
    for (int i = parts.size() - 1; i >= 0; i--) {
      names.addFirst(parts.get(i));
    }
  }
}
