// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounting;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounting.UnderlayDirectory.Entry;
import org.syschroot.mounting.UnderlayDirectory.Kind;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.trust.ConfinedPath;

/** Reads the directories of a tree that mount points are to be added to. Only looks. */
final class KernelUnderlay {
  /** Each is a mount of its own, in every namespace; the kernel has a limit for these. */
  private static final int MOST_ENTRIES = 500;

  private final Kernel kernel;
  private final ConfinedPath paths;

  KernelUnderlay(Kernel kernel, ConfinedPath paths) {
    this.kernel = kernel;
    this.paths = paths;
  }

  /**
   * Returns those above the mount points, each before what is in it; none if one of them cannot be
   * read, or holds more than can be bound.
   *
   * @param tree a descriptor of the image's root directory
   */
  List<UnderlayDirectory> of(int tree, List<AddedMountPoint> lacking) {
    try {
      Set<ImagePath> places = places(tree, lacking);
      List<UnderlayDirectory> directories = new ArrayList<>();
      int entries = 0;
      for (ImagePath place : places) {
        UnderlayDirectory directory = read(tree, place, places);
        directories.add(directory);
        entries += directory.entries().size();
      }
      return entries > MOST_ENTRIES ? List.of() : directories;
    } catch (KernelException unreadable) {
      return List.of(); // it is for kernels that refuse overlayfs, and these say so
    }
  }

  private Set<ImagePath> places(int tree, List<AddedMountPoint> lacking) throws KernelException {
    Set<ImagePath> places = new LinkedHashSet<>();
    for (AddedMountPoint point : lacking) {
      ImagePath place = ImagePath.ROOT;
      places.add(place);
      List<OsString> names = point.place().names();
      for (OsString name : names.subList(0, names.size() - 1)) {
        place = place.resolve(name);
        if (!isThere(tree, place)) {
          break;
        }
        places.add(place);
      }
    }
    return places;
  }

  private boolean isThere(int tree, ImagePath place) throws KernelException {
    try {
      kernel.close(paths.inImageWithoutLinks(tree, place, OpenFlags.O_DIRECTORY));
      return true;
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  private UnderlayDirectory read(int tree, ImagePath place, Set<ImagePath> anew)
      throws KernelException {
    int directory = paths.inImageWithoutLinks(tree, place, OpenFlags.O_DIRECTORY);
    try {
      FileStatus status = kernel.fstat(directory);
      List<Entry> entries = new ArrayList<>();
      for (OsString name : names(directory)) {
        if (!anew.contains(place.resolve(name))) {
          entries.add(entry(directory, name));
        }
      }
      return new UnderlayDirectory(
          place, status.permissions(), status.uid(), status.gid(), entries);
    } finally {
      kernel.close(directory);
    }
  }

  private List<OsString> names(int directory) throws KernelException {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
    int readable = kernel.openat(directory, OsString.of("."), flags, 0);
    try {
      List<OsString> names = new ArrayList<>(kernel.getdents(readable));
      names.sort(null);
      return names;
    } finally {
      kernel.close(readable);
    }
  }

  private Entry entry(int directory, OsString name) throws KernelException {
    int opened = kernel.openat(directory, name, OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW, 0);
    try {
      FileStatus status = kernel.fstat(opened);
      if (status.isSymbolicLink()) {
        return new Entry(name, Kind.LINK, kernel.readlinkat(opened, OsString.of("")));
      }
      return new Entry(name, status.isDirectory() ? Kind.DIRECTORY : Kind.FILE, OsString.of(""));
    } finally {
      kernel.close(opened);
    }
  }
}
