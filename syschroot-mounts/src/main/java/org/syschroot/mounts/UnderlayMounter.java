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
import org.syschroot.mounting.AddedMountPoint;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mounting.UnderlayDirectory;
import org.syschroot.mounting.UnderlayDirectory.Entry;
import org.syschroot.mounting.UnderlayDirectory.Kind;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.trust.ConfinedPath;
import org.syschroot.trust.NewDirectory;

/**
 * Makes the root directory of an image with the mount points that its tree lacks, where the kernel
 * refuses overlayfs: a tmpfs, in which what the tree has is bound, all of it read-only. Links of
 * the tree are never followed. Thread-safe as far as its kernel is.
 */
final class UnderlayMounter {
  private static final int MODE_OF_DIRECTORY = 0755;
  private static final int MODE_OF_FILE = 0644;
  private static final OsString TMPFS = OsString.of("tmpfs");
  private static final OsString TMPFS_DATA = OsString.of("mode=0755");
  private static final long HIDDEN = MountFlags.MS_NOSUID | MountFlags.MS_NODEV;

  private final Kernel kernel;
  private final ConfinedPath paths;
  private final long restrictions;

  /**
   * Creates it.
   *
   * @param restrictions the flags of mount(2) for what is bound
   */
  UnderlayMounter(Kernel kernel, long restrictions) {
    this.kernel = kernel;
    this.paths = new ConfinedPath(kernel);
    this.restrictions = restrictions;
  }

  /**
   * Mounts it.
   *
   * @param place the directory to mount on
   * @param tree the image's tree
   * @return the new root directory, which the caller closes
   * @throws IOException if it fails; a mount that was made before is left
   */
  Descriptor mount(Descriptor place, Descriptor tree, RootLayers layers) throws IOException {
    FileStatus status = place.status();
    kernel.mount(layers.source(), place.link(), TMPFS, HIDDEN, TMPFS_DATA);
    Descriptor root = new NewMount(kernel).on(place, mount -> status).mount();
    try {
      for (UnderlayDirectory directory : layers.underlay()) {
        make(directory, root, tree);
      }
      for (AddedMountPoint point : layers.skeletonInUnderlay()) {
        OsString path = point.place().value();
        make(root, path.slice(1, path.length()), point.ofDirectory());
      }
      makeReadOnly(root, HIDDEN);
      return root;
    } catch (IOException | RuntimeException | Error e) {
      root.close();
      throw e;
    }
  }

  private void make(UnderlayDirectory directory, Descriptor root, Descriptor tree)
      throws IOException {
    ImagePath place = directory.place();
    if (!place.names().isEmpty()) {
      make(root, place.value().slice(1, place.value().length()), true);
    }
    try (Descriptor to = readable(root, place);
        Descriptor from = inTree(tree, place)) {
      own(to, directory);
      kernel.fchmod(to.number(), directory.permissions());
      for (Entry entry : directory.entries()) {
        if (entry.kind() == Kind.LINK) {
          kernel.symlinkat(entry.text(), to.number(), entry.name());
        } else {
          make(to, entry.name(), entry.kind() == Kind.DIRECTORY);
          bind(from, to, entry);
        }
      }
    }
  }

  private void own(Descriptor made, UnderlayDirectory like) throws KernelException {
    try {
      kernel.fchown(made.number(), like.uid(), like.gid());
    } catch (KernelException e) {
      if (!e.is(Errno.EINVAL)) { // an owner that the user namespace of this process does not know
        throw e;
      }
    }
  }

  private Descriptor readable(Descriptor root, ImagePath place) throws KernelException {
    OsString path =
        place.names().isEmpty() ? OsString.of(".") : place.value().slice(1, place.value().length());
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    return Descriptor.opened(kernel, kernel.openat(root.number(), path, flags, 0));
  }

  private Descriptor inTree(Descriptor tree, ImagePath place) throws KernelException {
    return Descriptor.opened(
        kernel, paths.inImageWithoutLinks(tree.number(), place, OpenFlags.O_DIRECTORY));
  }

  private void bind(Descriptor from, Descriptor to, Entry entry) throws IOException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;
    try (Descriptor source =
            Descriptor.opened(kernel, kernel.openat(from.number(), entry.name(), flags, 0));
        Descriptor target =
            Descriptor.opened(kernel, kernel.openat(to.number(), entry.name(), flags, 0))) {
      FileStatus shown = source.status();
      if (shown.isSymbolicLink()) {
        throw new MountException(
            entry.name() + " in the image has become a symbolic link\nhint: repeat the command");
      }
      bind(source, target);
      new NewMount(kernel)
          .on(
              target,
              mount -> {
                makeReadOnly(mount, restrictions);
                return shown;
              })
          .mount()
          .close();
    }
  }

  private void bind(Descriptor source, Descriptor target) throws KernelException {
    try {
      // What is mounted beneath is no part of the tree, as with overlayfs.
      kernel.mount(source.link(), target.link(), null, MountFlags.MS_BIND, null);
    } catch (KernelException e) {
      if (!e.is(Errno.EINVAL)) {
        throw e;
      }
      // Which in a user namespace may hide what it must not show.
      long all = MountFlags.MS_BIND | MountFlags.MS_REC;
      kernel.mount(source.link(), target.link(), null, all, null);
    }
  }

  private void makeReadOnly(Descriptor mount, long further) throws KernelException {
    AddedRestrictions.to(kernel, mount, MountFlags.MS_RDONLY | further);
  }

  private void make(Descriptor directory, OsString path, boolean ofDirectory)
      throws KernelException {
    if (ofDirectory) {
      NewDirectory.make(kernel, directory.number(), path, MODE_OF_DIRECTORY);
    } else {
      int create = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL;
      kernel.close(kernel.openat(directory.number(), path, create, MODE_OF_FILE));
    }
  }
}
