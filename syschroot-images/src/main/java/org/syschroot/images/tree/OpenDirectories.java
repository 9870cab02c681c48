// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.tree;

import java.util.LinkedHashMap;
import java.util.Map;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.trust.ConfinedPath;

/**
 * Descriptors of the directories of a tree that were used last, each resolved in the tree as if its
 * root were {@code /}. They stay right as long as nothing is removed from the tree. For one thread.
 */
final class OpenDirectories implements AutoCloseable {
  private static final int MOST_OPEN = 64;
  private static final int MOST_LINKS = 40; // as the kernel, path_resolution(7)
  private static final int MODE = 0755;
  private static final OsString SLASH = OsString.of("/");

  private final Kernel kernel;
  private final ConfinedPath confined;
  private final int root;
  private final Map<ImagePath, Integer> open = new LinkedHashMap<>(16, 0.75f, true);

  OpenDirectories(Kernel kernel, int root) {
    this.kernel = kernel;
    this.confined = new ConfinedPath(kernel);
    this.root = root;
  }

  static ImagePath parent(ImagePath path) {
    OsString value = path.value();
    return ImagePath.of(value.slice(0, value.length() - value.baseName().length()));
  }

  /**
   * Returns a descriptor of a directory, which stays open for the next few calls.
   *
   * @throws KernelException {@code ENOENT} or {@code ENOTDIR} if there is none
   */
  int get(ImagePath path) throws KernelException {
    if (path.isRoot()) {
      return root;
    }
    Integer known = open.get(path);
    if (known != null) {
      return known;
    }
    int descriptor = confined.inImage(root, path, OpenFlags.O_DIRECTORY);
    open.put(path, descriptor);
    if (open.size() > MOST_OPEN) {
      ImagePath eldest = open.keySet().iterator().next();
      kernel.close(open.remove(eldest));
    }
    return descriptor;
  }

  /** Returns a directory, which is made with mode 0755 if it is missing, as are those above it. */
  int getOrMake(ImagePath path) throws KernelException {
    return getOrMake(path, 0);
  }

  private int getOrMake(ImagePath path, int links) throws KernelException {
    try {
      return get(path);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
    OsString name = path.value().baseName();
    int directory = getOrMake(parent(path), links);
    try {
      kernel.mkdirat(directory, name, MODE);
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST) || links == MOST_LINKS) {
        throw e;
      }
      // A symbolic link whose target is missing so far, such as /var/run before there is a /run.
      getOrMake(target(path, kernel.readlinkat(directory, name)), links + 1);
    }
    return get(path);
  }

  private static ImagePath target(ImagePath link, OsString text) throws KernelException {
    OsString whole = text.startsWith(SLASH) ? text : parent(link).value().plus(SLASH).plus(text);
    ImagePath path = ImagePath.ROOT;
    for (OsString name : whole.splitAt('/')) {
      if (name.equals(OsString.of(".."))) {
        path = path.isRoot() ? path : parent(path);
      } else {
        path = path.resolve(name);
      }
    }
    return path;
  }

  /** Forgets all, for when something was removed and its path may mean another place. */
  void clear() throws KernelException {
    for (int descriptor : open.values()) {
      kernel.close(descriptor);
    }
    open.clear();
  }

  @Override
  public void close() throws KernelException {
    clear();
  }
}
