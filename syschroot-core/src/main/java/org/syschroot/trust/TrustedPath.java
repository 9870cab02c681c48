// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.trust;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;

/**
 * Opens a path of which every component belongs to the owner and cannot be changed by others.
 *
 * <p>The path is walked from {@code /} by descriptors, and each component is checked on the opened
 * file, so that what is returned is what was checked. Symbolic links are followed if the owner made
 * them. A directory that everybody may write to is allowed on the way, not at the end, if its
 * sticky bit keeps others from renaming what lies in it ({@code /tmp}).
 */
public final class TrustedPath {
  private static final String ELSEWHERE =
      "use a directory that only root can modify, and so all directories above it";
  private static final int MOST_LINKS = 40; // as path_resolution(7)
  private static final long PROC_SUPER_MAGIC = 0x9fa0; // linux/magic.h
  private static final OsString DOT_DOT = OsString.of("..");

  private static final OptionalInt UNMAPPED = UnmappedOwner.ofThisProcess();

  /** What of a path has to be the owner's. */
  private enum Extent {
    ALL,
    WAY,
    LINKS
  }

  private final Kernel kernel;
  private final int owner;
  private final boolean stickyIsEnough;
  private final Set<Integer> further;
  private final boolean ofImage;

  private TrustedPath(
      Kernel kernel, int owner, boolean stickyIsEnough, Set<Integer> further, boolean ofImage) {
    this.ofImage = ofImage;
    this.kernel = kernel;
    this.owner = owner;
    this.further = further;
    this.stickyIsEnough = stickyIsEnough;
  }

  /**
   * Returns the check for a process of an effective user: what belongs to root is trusted, and what
   * belongs to that user.
   */
  public static TrustedPath forUser(Kernel kernel, int effectiveUid) {
    return new TrustedPath(kernel, effectiveUid, true, Set.of(), false);
  }

  /**
   * Returns a check that allows no directory on the way that everybody may write to, sticky or not.
   * It is for a path that somebody else resolves later: its name in such a directory is free as
   * soon as the owner removes what has it, or where another system has a directory of that name.
   */
  public TrustedPath withoutSharedDirectories() {
    return new TrustedPath(kernel, owner, false, further, ofImage);
  }

  /** Returns a check that also trusts what belongs to other users. */
  public TrustedPath trusting(Set<Integer> uids) {
    return new TrustedPath(kernel, owner, stickyIsEnough, Set.copyOf(uids), ofImage);
  }

  /** Returns a check whose refusal of an owner names the setting that trusts others. */
  public TrustedPath ofImage() {
    return new TrustedPath(kernel, owner, stickyIsEnough, further, true);
  }

  /**
   * Opens a directory or file as an {@code O_PATH} descriptor, which the caller closes.
   *
   * @throws UntrustedException if somebody else owns or may write to it or a directory on the way
   * @throws KernelException if it cannot be opened; {@code ENOENT} if it is missing
   */
  public int open(HostPath path) throws KernelException, UntrustedException {
    return open(path, Extent.ALL, true);
  }

  /**
   * Opens a directory to make something in it, as an {@code O_PATH} descriptor, which the caller
   * closes: one on the way, so that {@code /tmp} will do.
   *
   * @throws UntrustedException if somebody else could exchange what is made in it
   * @throws KernelException if it cannot be opened; {@code ENOENT} if it is missing
   */
  public int openOnTheWay(HostPath directory) throws KernelException, UntrustedException {
    return open(directory, Extent.ALL, false);
  }

  /**
   * Opens a directory or file that may be anybody's, as an {@code O_PATH} descriptor, which the
   * caller closes: others may change what is in it, but not what the path leads to.
   *
   * @throws UntrustedException if somebody else could put another in its place, by a directory or a
   *     symbolic link on the way; or if a link of {@code /proc} leads each process elsewhere
   * @throws KernelException if it cannot be opened; {@code ENOENT} if it is missing
   */
  public int openOfAnybody(HostPath path) throws KernelException, UntrustedException {
    return open(path, Extent.WAY, true);
  }

  /**
   * Opens a directory or file as an {@code O_PATH} descriptor, which the caller closes. Others may
   * own it and the directories on the way, but no symbolic link is followed that one of them made
   * or could have moved: whoever writes to the file of a path that root was told writes where root
   * meant.
   *
   * @throws UntrustedException if there is such a link
   * @throws KernelException if it cannot be opened; {@code ENOENT} if it is missing
   */
  int openByOwnLinks(HostPath path) throws KernelException, UntrustedException {
    return open(path, Extent.LINKS, true);
  }

  /**
   * Opens a path of an image as an {@code O_PATH} descriptor, which the caller closes: one in whose
   * place others may put another directory of theirs, but by no link to one that is not.
   *
   * @param imageRoot a descriptor of the image's root directory
   * @throws UntrustedException if there is a symbolic link on the way that somebody else made or
   *     could have moved
   * @throws KernelException if it cannot be opened; {@code ENOENT} if it is missing in the image
   */
  public int openByOwnLinks(int imageRoot, ImagePath path)
      throws KernelException, UntrustedException {
    // Whoever the tree belongs to has been trusted with all of it.
    return trusting(Set.of(kernel.fstat(imageRoot).uid()))
        .open(imageRoot, OsString.of("."), path.names(), Extent.LINKS, true);
  }

  private int open(HostPath path, Extent extent, boolean isEnd)
      throws KernelException, UntrustedException {
    return open(Kernel.AT_FDCWD, OsString.of("/"), path.names(), extent, isEnd);
  }

  private int open(int directory, OsString root, List<OsString> path, Extent extent, boolean isEnd)
      throws KernelException, UntrustedException {
    Deque<OsString> names = new ArrayDeque<>(path);
    // The directories from the root on, and last what has been reached.
    OpenWay way = new OpenWay(kernel);
    int links = 0;
    String shown = "";
    // Whether nobody else could have changed where the way leads so far.
    boolean trusted = true;
    try {
      way.open(directory, root, OpenFlags.O_PATH | OpenFlags.O_DIRECTORY);
      trusted = check(kernel.fstat(way.last()), "/", false, extent);
      while (!names.isEmpty()) {
        OsString name = names.removeFirst();
        if (name.equals(DOT_DOT)) {
          // Only a symbolic link's text can bring this up; it is trusted, so its way is.
          if (way.size() > 1) {
            way.closeLast();
            shown = shown.substring(0, Math.max(0, shown.lastIndexOf('/')));
          }
          continue;
        }
        way.open(way.last(), name, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW);
        FileStatus status = kernel.fstat(way.last());
        if (status.isSymbolicLink()) {
          checkOwner(status, shown + "/" + name);
          if (extent == Extent.WAY) {
            checkConstant(way.last(), shown + "/" + name);
          }
          if (!trusted) {
            throw new UntrustedException(
                shown
                    + "/"
                    + name
                    + " is a symbolic link in a directory of another user: give the pathname of"
                    + " the directory that it points to");
          }
          if (++links > MOST_LINKS) {
            throw new KernelException("openat", "path=" + join(path), Errno.ELOOP.number());
          }
          OsString text = kernel.readlinkat(way.last(), OsString.of(""));
          way.closeLast();
          if (!text.isEmpty() && text.at(0) == '/') {
            while (way.size() > 1) {
              way.closeLast();
            }
            shown = "";
          }
          pushFront(names, text);
        } else {
          shown = shown + "/" + name;
          boolean isAnybodys = extent == Extent.WAY && names.isEmpty();
          trusted &= isAnybodys || check(status, shown, false, extent);
        }
      }
      // Only now is it known to be the end: a link's text can end in "..", or be "/".
      if (extent != Extent.WAY) {
        check(kernel.fstat(way.last()), shown.isEmpty() ? "/" : shown, isEnd, extent);
      }
      return way.takeLast();
    } finally {
      way.closeAll();
    }
  }

  private static String join(List<OsString> names) {
    return names.stream().map(name -> "/" + name).collect(Collectors.joining());
  }

  private static void pushFront(Deque<OsString> names, OsString linkText) {
    int end = linkText.length();
    for (int i = linkText.length() - 1; i >= -1; i--) {
      if (i == -1 || linkText.at(i) == '/') {
        OsString name = linkText.slice(i + 1, end);
        if (!name.isEmpty() && !name.equals(OsString.of("."))) {
          names.addFirst(name);
        }
        end = i;
      }
    }
  }

  /** Returns whether it belongs to the owner; only of links it need not. */
  private boolean check(FileStatus status, String shown, boolean last, Extent extent)
      throws UntrustedException {
    if (extent == Extent.LINKS) {
      return isTrusted(status.uid());
    }
    checkOwner(status, shown);
    boolean shared = status.isDirectory() && status.isSticky() && !last;
    if (shared && status.isWritableByOthers() && !stickyIsEnough) {
      throw new UntrustedException(
          shown
              + " is a directory in which all users can create files (mode "
              + String.format("%04o", status.permissions())
              + "): move the files to a directory that only root can modify");
    }
    boolean protectedBySticky = shared && stickyIsEnough;
    if (status.isWritableByOthers() && !protectedBySticky) {
      throw new UntrustedException(
          shown
              + " is writable by users other than root (mode "
              + String.format("%04o", status.permissions())
              + "): "
              + (status.isDirectory() && status.isSticky() // as /tmp has to be
                  ? ELSEWHERE
                  : "chmod go-w " + shown));
    }
    return true;
  }

  private void checkConstant(int link, String shown) throws KernelException, UntrustedException {
    if (kernel.fstatfs(link).type() == PROC_SUPER_MAGIC) {
      throw new UntrustedException(
          shown
              + " means something else for each process: give the pathname of a directory or file"
              + " that is the same for all");
    }
  }

  private boolean isTrusted(int uid) {
    return uid == 0
        || uid == owner
        || further.contains(uid)
        || (UNMAPPED.isPresent() && UNMAPPED.getAsInt() == uid);
  }

  private void checkOwner(FileStatus status, String shown) throws UntrustedException {
    if (!isTrusted(status.uid())) {
      throw new UntrustedException(
          shown
              + " belongs to uid "
              + Integer.toUnsignedString(status.uid())
              + (owner == 0 ? ", not to root: " : ", neither to root nor to you: ")
              + (status.isDirectory()
                  ? ELSEWHERE // it may be somebody's home
                  : "chown " + (status.isSymbolicLink() ? "-h " : "") + "root " + shown)
              + (ofImage
                  ? "; or trust that user with the image: trusted-owners = [\""
                      + Integer.toUnsignedString(status.uid())
                      + "\"]"
                  : ""));
    }
  }
}
