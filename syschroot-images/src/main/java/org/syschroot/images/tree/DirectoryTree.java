// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.tree;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.syschroot.images.tree.TreeLosses.Kind;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileDetails;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.kernel.LinuxTreeWriteCalls;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.TreeCalls;
import org.syschroot.kernel.TreeWriteCalls;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.trust.ConfinedPath;

/**
 * A directory of the host as the source of a tree. It is read by descriptors and follows no
 * symbolic link, so that nobody who can change it leads the copying elsewhere, and does not leave
 * its mount, so that a copy of {@code /} holds no {@code /proc}. For one thread.
 */
public final class DirectoryTree implements AutoCloseable {
  private static final int DIRECTORY = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
  private static final int S_IFMT = 0170000;

  private record FileId(long device, long inode) {}

  private final Kernel kernel;
  private final TreeCalls look = LinuxTreeCalls.running();
  private final TreeWriteCalls calls = LinuxTreeWriteCalls.running();
  private final ConfinedPath confined;
  private final int root;
  private final FileStatus top;
  private final Map<FileId, ImagePath> linked = new HashMap<>();

  private DirectoryTree(Kernel kernel, int root) throws KernelException {
    this.kernel = kernel;
    this.confined = new ConfinedPath(kernel);
    this.root = root;
    this.top = kernel.fstat(root);
  }

  /**
   * Opens a directory.
   *
   * @throws KernelException if it is none, or cannot be opened
   */
  public static DirectoryTree open(Kernel kernel, HostPath directory) throws KernelException {
    int root = kernel.openat(Kernel.AT_FDCWD, directory.value(), DIRECTORY, 0);
    try {
      return new DirectoryTree(kernel, root);
    } catch (KernelException e) {
      kernel.close(root);
      throw e;
    }
  }

  /**
   * Copies all of it.
   *
   * @param losses what is left out is counted there
   * @throws SourceException if something cannot be read; the message names it
   * @throws IOException if something cannot be made
   */
  public void copyTo(TreeWriter target, TreeLosses losses) throws IOException {
    FileStatus made = target.root();
    target.add(entry(EntryKind.DIRECTORY, ImagePath.ROOT, here(), root, OsString.of("")), none());
    Deque<ImagePath> pending = new ArrayDeque<>(List.of(ImagePath.ROOT));
    while (!pending.isEmpty()) {
      ImagePath directory = pending.removeLast();
      int descriptor = open(directory);
      try {
        for (OsString name : kernel.getdents(descriptor)) {
          ImagePath path = directory.resolve(name);
          FileDetails details = look.statx(descriptor, name);
          if (details.status().sameFileAs(made)) {
            continue; // the copy lies within
          }
          if (copy(descriptor, name, path, details, target, losses)) {
            pending.addLast(path);
          }
        }
      } catch (KernelException e) {
        throw new SourceException("cannot read " + directory + ": " + e.reason(), e);
      } finally {
        kernel.close(descriptor);
      }
    }
  }

  private static EntryContent none() {
    return EntryContent.NONE;
  }

  private FileDetails here() throws KernelException {
    return look.statx(root, OsString.of(""));
  }

  private int open(ImagePath directory) throws IOException {
    try {
      int place = confined.inImage(root, directory, OpenFlags.O_DIRECTORY);
      try {
        return kernel.openat(place, OsString.of("."), DIRECTORY, 0);
      } finally {
        kernel.close(place);
      }
    } catch (KernelException e) {
      throw new SourceException("cannot read " + directory + ": " + e.reason(), e);
    }
  }

  /** Copies one file, and returns whether it is a directory that is to be entered. */
  private boolean copy(
      int parent,
      OsString name,
      ImagePath path,
      FileDetails details,
      TreeWriter target,
      TreeLosses losses)
      throws IOException {
    FileStatus status = details.status();
    EntryKind kind = kindOf(status);
    boolean elsewhere = status.mountId() != top.mountId() || status.device() != top.device();
    if (elsewhere) {
      losses.add(Kind.MOUNT, path);
      if (kind != EntryKind.DIRECTORY) {
        return false;
      }
    }
    OsString link =
        kind == EntryKind.SYMBOLIC_LINK ? kernel.readlinkat(parent, name) : OsString.of("");
    if (kind != EntryKind.DIRECTORY && status.links() > 1) {
      FileId id = new FileId(status.device(), status.inode());
      ImagePath first = linked.putIfAbsent(id, path);
      if (first != null && kind != EntryKind.DEVICE && kind != EntryKind.SOCKET) {
        kind = EntryKind.HARD_LINK;
        link = first.value();
      }
    }
    TreeEntry entry = entry(kind, path, details, parent, name, link);
    target.add(entry, kind == EntryKind.FILE ? content(parent, name, details) : none());
    return kind == EntryKind.DIRECTORY && !elsewhere;
  }

  private static EntryKind kindOf(FileStatus status) {
    return switch (status.mode() & S_IFMT) {
      case 0100000 -> EntryKind.FILE;
      case 0040000 -> EntryKind.DIRECTORY;
      case 0120000 -> EntryKind.SYMBOLIC_LINK;
      case 0010000 -> EntryKind.FIFO;
      case 0140000 -> EntryKind.SOCKET;
      default -> EntryKind.DEVICE;
    };
  }

  private TreeEntry entry(
      EntryKind kind, ImagePath path, FileDetails details, int parent, OsString name)
      throws KernelException {
    return entry(kind, path, details, parent, name, OsString.of(""));
  }

  private TreeEntry entry(
      EntryKind kind, ImagePath path, FileDetails details, int parent, OsString name, OsString link)
      throws KernelException {
    FileStatus status = details.status();
    boolean isMade = kind != EntryKind.HARD_LINK && kind != EntryKind.DEVICE;
    return new TreeEntry(
        kind,
        path,
        status.permissions(),
        status.uid(),
        status.gid(),
        details.modified(),
        details.nanoseconds(),
        link,
        isMade ? attributes(parent, name) : Map.of());
  }

  @SuppressWarnings("MixedMutabilityReturnType") // what takes it copies it
  private Map<OsString, byte[]> attributes(int parent, OsString name) throws KernelException {
    List<OsString> names;
    try {
      names = calls.attributes(parent, name);
    } catch (KernelException e) {
      if (e.is(Errno.EOPNOTSUPP)) {
        return Map.of();
      }
      throw e;
    }
    if (names.isEmpty()) {
      return Collections.emptyMap();
    }
    Map<OsString, byte[]> attributes = new LinkedHashMap<>();
    for (OsString attribute : names) {
      try {
        attributes.put(attribute, calls.attribute(parent, name, attribute));
      } catch (KernelException e) {
        if (!e.is(Errno.ENODATA)) {
          throw e;
        }
      }
    }
    return attributes;
  }

  private EntryContent content(int parent, OsString name, FileDetails details) {
    return file -> {
      int from = confined.regularFileIn(parent, name);
      try {
        // Else whoever can rename here could give the content of another file owner and mode of
        // this one.
        if (!kernel.fstat(from).sameFileAs(details.status())) {
          throw new SourceException(name + " was replaced while it was being copied");
        }
        copyData(from, details.size(), file);
      } finally {
        kernel.close(from);
      }
    };
  }

  private void copyData(int from, long size, FileSink file) throws IOException {
    long position = 0;
    while (position < size) {
      long data = nextData(from, position, size);
      long hole = Math.min(nextHole(from, data, size), size);
      if (data >= size) {
        break;
      }
      calls.lseek(from, data, TreeWriteCalls.SEEK_SET);
      file.seek(data);
      if (!file.copy(from, hole - data)) {
        break; // it became shorter meanwhile
      }
      position = hole;
    }
    file.setSize(size);
  }

  private long nextData(int from, long position, long size) throws KernelException {
    try {
      return calls.lseek(from, position, TreeWriteCalls.SEEK_DATA);
    } catch (KernelException e) {
      if (e.is(Errno.ENXIO)) {
        return size;
      }
      throw e;
    }
  }

  private long nextHole(int from, long data, long size) throws KernelException {
    return data >= size ? size : calls.lseek(from, data, TreeWriteCalls.SEEK_HOLE);
  }

  @Override
  public void close() throws KernelException {
    kernel.close(root);
  }
}
