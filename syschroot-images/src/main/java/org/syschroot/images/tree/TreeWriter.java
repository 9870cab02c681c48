// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.images.tree;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.syschroot.images.tree.TreeLosses.Kind;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.LinuxTreeCalls;
import org.syschroot.kernel.LinuxTreeWriteCalls;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.kernel.ProcessStatus;
import org.syschroot.kernel.TreeCalls;
import org.syschroot.kernel.TreeWriteCalls;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;

/**
 * Makes the files of a tree from entries in any order.
 *
 * <p>Every path is resolved by the kernel as if the tree's root were {@code /}, and what is made is
 * made by name in a directory that was opened so. Neither {@code ..}, nor an absolute link, nor a
 * chain of links, nor a hard link leads out. An entry replaces what an earlier one has made at its
 * path; a directory only adds to a directory.
 *
 * <p>Directories get their owner, mode and time at {@link #finish()}: until then the entries in
 * them can be made. Root gives files to their owners. For other users, who cannot, files become
 * theirs, and the set-user-ID bits, which would mean another user, are dropped. For one thread.
 */
public final class TreeWriter implements AutoCloseable {
  private static final int NEW_FILE =
      OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
  private static final int PLACE = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
  private static final int UNFINISHED_FILE = 0600;
  private static final int UNFINISHED_DIRECTORY = 0700;
  private static final int S_ISGID = 02000;
  private static final int WRITE_BY_OTHERS = 0022;
  private static final OsString AFTER = OsString.of("0");
  private static final OsString ITSELF = OsString.of("");
  // They would tell overlayfs to show another file in the place of this one.
  private static final OsString OVERLAY = OsString.of("trusted.overlay.");

  private final Kernel kernel;
  private final TreeCalls look = LinuxTreeCalls.running();
  private final TreeWriteCalls calls = LinuxTreeWriteCalls.running();
  private final int root;
  private final OpenDirectories directories;
  private final SubtreeRemoval removal;
  private final TreeLimits limits;
  private final TreeLosses losses;
  private final boolean keepsOwners;
  private boolean makesRoots;
  private boolean proven;
  private final NavigableMap<ImagePath, TreeEntry> unfinished = new TreeMap<>();
  private final Map<ImagePath, Kind> omitted = new HashMap<>();
  private long entries;
  private long bytes;

  private TreeWriter(Kernel kernel, int root, TreeLimits limits, TreeLosses losses)
      throws IOException {
    this.kernel = kernel;
    this.root = root;
    this.limits = limits;
    this.losses = losses;
    this.directories = new OpenDirectories(kernel, root);
    this.removal = new SubtreeRemoval(kernel, directories, kernel.fstat(root));
    this.keepsOwners = LinuxProcessCalls.running().effectiveUid() == 0;
    this.makesRoots = keepsOwners && makesFilesOfRoot(kernel.fstat(root));
  }

  /**
   * Returns whether what is made should belong to root and its group from the beginning, as most
   * files of images do: then there is a system call less for each.
   */
  private static boolean makesFilesOfRoot(FileStatus root) throws IOException {
    boolean inheritsGroup = (root.mode() & S_ISGID) != 0;
    return ProcessStatus.read().effectiveGid() == 0 && root.gid() == 0 && !inheritsGroup;
  }

  /**
   * Opens the root of a tree.
   *
   * @param root a directory that nobody else can change, whose path is trusted and leads through no
   *     symbolic link
   * @param losses what is not kept is counted there
   * @throws IOException if it cannot be opened
   */
  public static TreeWriter in(Kernel kernel, HostPath root, TreeLimits limits, TreeLosses losses)
      throws IOException {
    int descriptor = kernel.openat(Kernel.AT_FDCWD, root.value(), PLACE, 0);
    try {
      return new TreeWriter(kernel, descriptor, limits, losses);
    } catch (IOException e) {
      kernel.close(descriptor);
      throw e;
    }
  }

  /** Returns which directory the root of the tree is. */
  public FileStatus root() throws KernelException {
    return kernel.fstat(root);
  }

  /** Returns the number of bytes of content so far, holes not counted. */
  public long bytes() {
    return bytes;
  }

  /** Returns the number of entries so far. */
  public long entries() {
    return entries;
  }

  /**
   * Makes the file of an entry.
   *
   * @param content the content of a regular file; for other kinds it is not used
   * @throws SourceException if the entry asks for what is not allowed, or the limits are reached
   * @throws IOException if the content cannot be read, or the file cannot be made
   */
  public void add(TreeEntry entry, EntryContent content) throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("interrupted");
    }
    if (++entries > limits.entries()) {
      throw new SourceException("more than " + limits.entries() + " files");
    }
    try {
      make(entry, content);
    } catch (KernelException e) {
      throw new SourceException("cannot create " + entry.path() + ": " + e.reason(), e);
    }
  }

  private void make(TreeEntry entry, EntryContent content) throws IOException {
    ImagePath path = entry.path();
    if (path.isRoot() && entry.kind() != EntryKind.DIRECTORY) {
      throw new SourceException("the entry for / is not a directory");
    }
    omitted.remove(path);
    switch (entry.kind()) {
      case DEVICE -> omit(Kind.DEVICE, path);
      case SOCKET -> omit(Kind.SOCKET, path);
      case DIRECTORY -> makeDirectory(entry);
      case FILE -> makeFile(entry, content);
      case HARD_LINK -> makeHardLink(entry);
      case SYMBOLIC_LINK ->
          makeByName(entry, (place, name) -> kernel.symlinkat(entry.link(), place, name));
      case FIFO -> {
        makeByName(entry, (place, name) -> calls.mkfifo(place, name, UNFINISHED_FILE));
        setModeOfFifo(entry);
      }
    }
  }

  /** Counts it as lost; what an earlier entry has made there goes all the same. */
  private void omit(Kind kind, ImagePath path) throws IOException {
    losses.add(kind, path);
    remove(path, kept -> false);
    omitted.put(path, kind);
  }

  private interface Making {
    void in(int directory, OsString name) throws KernelException;
  }

  /** Makes something that must be new; what an earlier entry has made there goes. */
  private void replace(ImagePath path, Making making) throws IOException {
    OsString name = path.value().baseName();
    try {
      making.in(parentOf(path), name);
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      remove(path, kept -> false);
      making.in(parentOf(path), name);
    }
  }

  private int parentOf(ImagePath path) throws KernelException {
    return directories.getOrMake(OpenDirectories.parent(path));
  }

  private void makeDirectory(TreeEntry entry) throws IOException {
    ImagePath path = entry.path();
    if (!path.isRoot()) {
      OsString name = path.value().baseName();
      int parent = parentOf(path);
      try {
        kernel.mkdirat(parent, name, UNFINISHED_DIRECTORY);
      } catch (KernelException e) {
        if (!e.is(Errno.EEXIST)) {
          throw e;
        }
        if (!look.statx(parent, name).status().isDirectory()) {
          remove(path, kept -> false);
          kernel.mkdirat(parentOf(path), name, UNFINISHED_DIRECTORY);
        }
      }
    }
    unfinished.put(path, path.isRoot() ? trusted(entry) : entry);
  }

  /** What others could change is refused as an image, so the root is the caller's. */
  private TreeEntry trusted(TreeEntry entry) {
    int user = LinuxProcessCalls.running().effectiveUid();
    if (keepsOwners && (entry.uid() != user || (entry.mode() & WRITE_BY_OTHERS) != 0)) {
      losses.add(Kind.ROOT, entry.path());
    }
    return new TreeEntry(
        entry.kind(),
        entry.path(),
        entry.mode() & ~WRITE_BY_OTHERS,
        user,
        keepsOwners ? 0 : entry.gid(),
        entry.modified(),
        entry.nanoseconds(),
        entry.link(),
        entry.attributes());
  }

  private void makeFile(TreeEntry entry, EntryContent content) throws IOException {
    int[] made = new int[1];
    replace(
        entry.path(),
        (place, name) -> made[0] = kernel.openat(place, name, NEW_FILE, UNFINISHED_FILE));
    int file = made[0];
    try {
      FileSink sink = new FileSink(calls, file, limits.bytes() - bytes);
      content.writeTo(sink);
      bytes += sink.written();
      setAll(file, entry);
    } finally {
      kernel.close(file);
    }
  }

  private void makeHardLink(TreeEntry entry) throws IOException {
    ImagePath path = entry.path();
    ImagePath target = ImagePath.of(entry.link());
    Kind lost = omitted.get(target);
    if (lost != null) {
      omit(lost, path);
      return;
    }
    OsString name = target.value().baseName();
    int place = directories.get(OpenDirectories.parent(target));
    FileStatus linked = look.statx(place, name).status();
    int parent = parentOf(path);
    try {
      calls.link(place, name, parent, path.value().baseName());
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
      if (!look.statx(parent, path.value().baseName()).status().sameFileAs(linked)) {
        remove(path, kept -> false);
        place = directories.get(OpenDirectories.parent(target));
        calls.link(place, name, parentOf(path), path.value().baseName());
      }
    }
  }

  private void makeByName(TreeEntry entry, Making making) throws IOException {
    replace(entry.path(), making);
    int parent = parentOf(entry.path());
    OsString name = entry.path().value().baseName();
    setOwner(parent, name, entry);
    setAttributes(parent, name, entry);
    calls.setTimes(parent, name, entry.modified(), entry.nanoseconds());
  }

  private void setModeOfFifo(TreeEntry entry) throws KernelException {
    OsString name = entry.path().value().baseName();
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK | OpenFlags.O_NOFOLLOW;
    int fifo = kernel.openat(parentOf(entry.path()), name, flags, 0);
    try {
      kernel.fchmod(fifo, keepsOwners ? entry.mode() : entry.modeWithoutOwner());
    } finally {
      kernel.close(fifo);
    }
  }

  /** Sets all that is known besides the content; the order is that in which none undoes another. */
  private void setAll(int file, TreeEntry entry) throws KernelException {
    boolean owned = setOwner(file, ITSELF, entry);
    if (!owned && entry.isSetId() && entry.kind() == EntryKind.FILE) {
      losses.add(Kind.SET_ID, entry.path());
    }
    kernel.fchmod(file, owned ? entry.mode() : entry.modeWithoutOwner());
    setAttributes(file, ITSELF, entry);
    calls.setTimes(file, ITSELF, entry.modified(), entry.nanoseconds());
  }

  /** Returns whether the file belongs to its owner and group now. */
  private boolean setOwner(int place, OsString name, TreeEntry entry) throws KernelException {
    if (makesRoots && entry.uid() == 0 && entry.gid() == 0) {
      if (!proven) {
        FileStatus made = look.statx(place, name).status();
        proven = true;
        makesRoots =
            made.uid() == 0 && made.gid() == 0; // a file server may give it to another user
      }
      if (makesRoots) {
        return true;
      }
    }
    if (keepsOwners) {
      try {
        calls.chown(place, name, entry.uid(), entry.gid());
        return true;
      } catch (KernelException e) {
        // A user namespace does not have the number, or a file server does not let root.
        if (!e.is(Errno.EINVAL) && !e.is(Errno.EPERM)) {
          throw e;
        }
      }
    }
    losses.add(Kind.OWNER, entry.path());
    return false;
  }

  private void setAttributes(int place, OsString name, TreeEntry entry) throws KernelException {
    for (Map.Entry<OsString, byte[]> attribute : entry.attributes().entrySet()) {
      try {
        if (attribute.getKey().startsWith(OVERLAY)) {
          losses.add(Kind.ATTRIBUTE, entry.path());
        } else if (name.isEmpty()) {
          kernel.fsetxattr(place, attribute.getKey(), attribute.getValue());
        } else {
          calls.setAttribute(place, name, attribute.getKey(), attribute.getValue());
        }
      } catch (KernelException e) {
        // The filesystem, the kind of file or the lack of privilege does not allow it.
        if (!e.is(Errno.EOPNOTSUPP) && !e.is(Errno.EPERM) && !e.is(Errno.EINVAL)) {
          throw e;
        }
        losses.add(Kind.ATTRIBUTE, entry.path());
      }
    }
  }

  /**
   * Removes a path with all that is beneath it but for what is to be kept. Nothing is done if it is
   * missing.
   *
   * @param kept says of a path whether it stays; with a path, those above it must stay too
   */
  public void remove(ImagePath path, Predicate<ImagePath> kept) throws IOException {
    removal.remove(path, kept);
    NavigableMap<ImagePath, TreeEntry> near = unfinished;
    if (!path.isRoot()) {
      // "0" comes after "/", and so after all that is beneath.
      near = unfinished.subMap(path, true, ImagePath.of(path.value().plus(AFTER)), false);
    }
    near.keySet().removeIf(directory -> directory.startsWith(path) && !kept.test(directory));
  }

  /**
   * Gives the directories their owners, modes and times, innermost first. Nothing can be added
   * afterwards.
   */
  public void finish() throws IOException {
    for (TreeEntry directory : unfinished.descendingMap().values()) {
      try {
        finish(directory);
      } catch (KernelException e) {
        if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP)) {
          continue; // it was replaced by its other name, through a symbolic link
        }
        throw new SourceException(
            "cannot set the owner and mode of " + directory.path() + ": " + e.reason(), e);
      }
    }
    unfinished.clear();
  }

  private void finish(TreeEntry entry) throws KernelException {
    OsString name = entry.path().isRoot() ? OsString.of(".") : entry.path().value().baseName();
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    int place = directories.get(OpenDirectories.parent(entry.path()));
    int directory = kernel.openat(place, name, flags, 0);
    try {
      setAll(directory, entry);
    } finally {
      kernel.close(directory);
    }
  }

  @Override
  public void close() throws KernelException {
    try {
      directories.close();
    } finally {
      kernel.close(root);
    }
  }
}
