// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mountplan.AddedMountPoint;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mountplan.RootLayers;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.path.OsString;
import org.syschroot.trust.NewDirectory;

/**
 * Mounts the root directory of an image on itself, so that it is a mount point, with the mount
 * points that its tree lacks. The tree is never written to: what is added is in a tmpfs beneath it.
 * Thread-safe as far as its kernel is.
 */
final class RootMounter {
  private static final int MODE_OF_DIRECTORY = 0755;
  private static final int MODE_OF_FILE = 0644;
  private static final OsString EMPTY = OsString.of("");
  private static final OsString TMPFS = OsString.of("tmpfs");
  private static final OsString OVERLAY = OsString.of("overlay");
  private static final OsString POINTS = OsString.of("points");
  private static final OsString TMPFS_DATA = OsString.of("mode=0755");

  private final Kernel kernel;

  RootMounter(Kernel kernel) {
    this.kernel = kernel;
  }

  /**
   * Mounts it in the mount namespace of the calling thread.
   *
   * @param imageRoot a descriptor of the root directory, which stays open
   * @return the new root directory, which the caller closes
   * @throws IOException if it fails; a mount that was made before is left
   */
  Descriptor mount(int imageRoot, RootLayers layers) throws IOException {
    Descriptor tree = new Descriptor(kernel, imageRoot);
    return layers.isOverlay() ? overlay(tree, layers) : bind(tree, layers);
  }

  /** With all that is mounted in it. */
  private Descriptor bind(Descriptor tree, RootLayers layers) throws IOException {
    int flags = MountFlags.AT_EMPTY_PATH | MountFlags.OPEN_TREE_CLONE | MountFlags.AT_RECURSIVE;
    Descriptor bound;
    try {
      bound = new Descriptor(kernel, kernel.openTree(tree.number(), EMPTY, flags));
    } catch (KernelException e) {
      if (e.is(Errno.ENOSYS)) {
        return bindByPath(tree, layers); // before Linux 5.2
      }
      throw e;
    }
    try {
      kernel.moveMount(bound.number(), tree.number());
      restrict(bound, layers);
      return bound;
    } catch (KernelException e) {
      bound.close();
      throw e;
    }
  }

  private Descriptor bindByPath(Descriptor tree, RootLayers layers) throws IOException {
    FileStatus below = tree.status();
    kernel.mount(tree.link(), tree.link(), null, MountFlags.MS_BIND | MountFlags.MS_REC, null);
    return new NewMount(kernel).on(tree, below, mount -> restrict(mount, layers)).mount();
  }

  private void restrict(Descriptor mount, RootLayers layers) throws KernelException {
    if (!layers.restrictions().isEmpty()) {
      long flags = MountFlags.MS_REMOUNT | MountFlags.MS_BIND | flags(layers);
      kernel.mount(null, mount.link(), null, flags, null);
    }
  }

  /**
   * The tree is the upper layer of two, none of which can be written to: what is in both, such as
   * the root directory itself, is as it is in the tree.
   */
  private Descriptor overlay(Descriptor tree, RootLayers layers) throws IOException {
    long hidden = MountFlags.MS_NOSUID | MountFlags.MS_NODEV;
    FileStatus below = tree.status();
    kernel.mount(layers.source(), tree.link(), TMPFS, hidden, TMPFS_DATA);
    try (Descriptor memory = new NewMount(kernel).on(tree, below, mount -> {}).mount();
        Descriptor points = points(memory, layers)) {
      OsString data =
          OsString.of("lowerdir=").plus(tree.link()).plus(OsString.of(":")).plus(points.link());
      FileStatus place = memory.status();
      kernel.mount(layers.source(), memory.link(), OVERLAY, flags(layers), data);
      return new NewMount(kernel).on(memory, place, mount -> {}).mount();
    }
  }

  private Descriptor points(Descriptor memory, RootLayers layers) throws KernelException {
    NewDirectory.make(kernel, memory.number(), POINTS, MODE_OF_DIRECTORY);
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    Descriptor points = new Descriptor(kernel, kernel.openat(memory.number(), POINTS, flags, 0));
    try {
      for (AddedMountPoint point : layers.skeleton()) {
        OsString path = point.place().value().slice(1, point.place().value().length());
        if (point.ofDirectory()) {
          NewDirectory.make(kernel, points.number(), path, MODE_OF_DIRECTORY);
        } else {
          int create = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
          kernel.close(kernel.openat(points.number(), path, create, MODE_OF_FILE));
        }
      }
      return points;
    } catch (KernelException e) {
      points.close();
      throw e;
    }
  }

  private static long flags(RootLayers layers) {
    long flags = 0;
    for (MountOption option : layers.restrictions()) {
      switch (option) {
        case NOSUID -> flags |= MountFlags.MS_NOSUID;
        case NODEV -> flags |= MountFlags.MS_NODEV;
        case NOEXEC -> flags |= MountFlags.MS_NOEXEC;
        default -> {}
      }
    }
    return flags;
  }
}
