// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounting;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.trust.ConfinedPath;

/**
 * Looks at the trees of images through the kernel, as the effective user of the calling thread.
 * Immutable and thread-safe.
 */
public final class KernelRoots implements RootSurvey {
  private static final OsString LINKS = OsString.of("/proc/thread-self/fd/");
  private static final long ST_RDONLY = 1;
  private static final Map<Long, MountOption> FLAGS =
      Map.of(2L, MountOption.NOSUID, 4L, MountOption.NODEV, 8L, MountOption.NOEXEC); // statvfs(3)

  private static final Set<Errno> UNUSABLE =
      Set.of(
          Errno.ENOTDIR, Errno.ELOOP, Errno.EACCES, Errno.ESTALE, Errno.ENOTCONN, Errno.EHOSTDOWN);

  private final Kernel kernel;
  private final ConfinedPath paths;

  /** Creates the survey of a kernel. */
  public KernelRoots(Kernel kernel) {
    this.kernel = kernel;
    this.paths = new ConfinedPath(kernel);
  }

  @Override
  public Finding of(HostPath root, List<MountSelection.Mount> mounts, boolean untouched)
      throws KernelException {
    int tree;
    try {
      int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
      tree = kernel.openat(Kernel.AT_FDCWD, root.value(), flags, 0);
    } catch (KernelException unseen) {
      return new Finding(List.of(), Set.of()); // to enter it fails too, and says why
    }
    try {
      List<AddedMountPoint> lacking = new ArrayList<>();
      Set<List<OsString>> before = new HashSet<>();
      for (MountSelection.Mount mount : mounts) {
        ImagePath target = mount.step().target();
        if (!isAtOrBeneath(before, target.names())) {
          lacking(tree, mount, untouched).ifPresent(lacking::add);
        }
        before.add(target.names());
      }
      List<UnderlayDirectory> underlay =
          untouched || lacking.isEmpty()
              ? List.of()
              : new KernelUnderlay(kernel, paths).of(tree, lacking);
      return new Finding(lacking, underlay, restrictions(tree));
    } finally {
      kernel.close(tree);
    }
  }

  private static boolean isAtOrBeneath(Set<List<OsString>> places, List<OsString> names) {
    return IntStream.rangeClosed(0, names.size())
        .anyMatch(length -> places.contains(names.subList(0, length)));
  }

  /**
   * Returns whether something is mounted on a directory; not of one that cannot be opened.
   *
   * @throws KernelException if it cannot be looked at
   */
  public boolean isMountPoint(HostPath directory) throws KernelException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    int opened;
    try {
      opened = kernel.openat(Kernel.AT_FDCWD, directory.value(), flags, 0);
    } catch (KernelException missing) {
      return false;
    }
    try {
      int above = kernel.openat(opened, OsString.of(".."), flags, 0);
      try {
        return kernel.fstat(opened).mountId() != kernel.fstat(above).mountId();
      } finally {
        kernel.close(above);
      }
    } finally {
      kernel.close(opened);
    }
  }

  private Set<MountOption> restrictions(int tree) throws KernelException {
    long flags = kernel.fstatfs(tree).flags();
    Set<MountOption> options = EnumSet.noneOf(MountOption.class);
    FLAGS.forEach(
        (bit, option) -> {
          if ((flags & bit) != 0) {
            options.add(option);
          }
        });
    return options;
  }

  private Optional<AddedMountPoint> lacking(int tree, MountSelection.Mount mount, boolean untouched)
      throws KernelException {
    ImagePath target = mount.step().target();
    if (exists(tree, target)) {
      return Optional.empty();
    }
    ImagePath parent = ImagePath.ROOT;
    List<OsString> missing = target.names();
    while (missing.size() > 1 && exists(tree, parent.resolve(missing.get(0)))) {
      parent = parent.resolve(missing.get(0));
      missing = missing.subList(1, missing.size());
    }
    int directory;
    try {
      directory = paths.inImage(tree, parent, OpenFlags.O_DIRECTORY);
    } catch (KernelException e) {
      requireUnusable(e);
      return Optional.empty();
    }
    try {
      if (isOnTree(tree, directory)
          && !isLink(directory, missing.get(0))
          && (untouched || !isWritable(directory))) {
        ImagePath place = place(tree, directory);
        for (OsString name : missing) {
          place = place.resolve(name);
        }
        return Optional.of(new AddedMountPoint(place, mount.ofDirectory()));
      }
      return Optional.empty();
    } finally {
      kernel.close(directory);
    }
  }

  private boolean exists(int tree, ImagePath path) throws KernelException {
    try {
      kernel.close(paths.inImage(tree, path, 0));
      return true;
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      return requireUnusable(e);
    }
  }

  /** Returns that something is there, in whose place nothing can be mounted: to mount says why. */
  private static boolean requireUnusable(KernelException failure) throws KernelException {
    for (Errno unusable : UNUSABLE) {
      if (failure.is(unusable)) {
        return true;
      }
    }
    throw failure;
  }

  /** What is mounted in the tree is no part of it, and whoever mounts there looks after it. */
  private boolean isOnTree(int tree, int directory) throws KernelException {
    return kernel.fstat(tree).mountId() == kernel.fstat(directory).mountId();
  }

  /** One that leads nowhere hides whatever is beneath it. */
  private boolean isLink(int directory, OsString name) throws KernelException {
    try {
      kernel.close(kernel.openat(directory, name, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW, 0));
      return true;
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      return requireUnusable(e);
    }
  }

  private boolean isWritable(int directory) throws KernelException {
    try {
      kernel.access(directory, OpenFlags.W_OK);
      // Some filesystems in user space have nothing to say there.
      return !kernel.fstatfs(directory).full();
    } catch (KernelException e) {
      if (e.is(Errno.EROFS) || e.is(Errno.EACCES) || e.is(Errno.EPERM)) {
        return false;
      }
      // Before Linux 5.8 there is no answer; but whether the filesystem lets nobody write there is.
      return (kernel.fstatfs(directory).flags() & ST_RDONLY) == 0;
    }
  }

  private ImagePath place(int tree, int directory) throws KernelException {
    OsString top = path(tree);
    OsString found = path(directory);
    return found.length() > top.length()
        ? ImagePath.of(found.slice(top.length(), found.length()))
        : ImagePath.ROOT;
  }

  private OsString path(int fd) throws KernelException {
    return kernel.readlinkat(Kernel.AT_FDCWD, LINKS.plus(OsString.of(Integer.toString(fd))));
  }
}
