// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.Optional;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounting.AddedMountPoint;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.path.HostPath;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;
import org.syschroot.trust.NewDirectory;
import org.syschroot.trust.TrustedPath;

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
  private static final OsString UPPER = OsString.of("upper");
  private static final OsString WORK = OsString.of("work");
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
      bound = Descriptor.opened(kernel, kernel.openTree(tree.number(), EMPTY, flags));
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
    } catch (KernelException | RuntimeException | Error e) {
      bound.close();
      throw e;
    }
  }

  /**
   * Mounts it on itself to stay. Others than this process are to see it and what is mounted in it,
   * as far as they see mounts of the filesystem that it is on; but what is mounted in it must not
   * appear beneath it once more, so that it cannot share with that filesystem itself.
   *
   * @throws IOException if it fails; then nothing is mounted
   */
  void mountOnItself(int imageRoot) throws IOException {
    int clone = MountFlags.AT_EMPTY_PATH | MountFlags.OPEN_TREE_CLONE;
    try (Descriptor bound = Descriptor.opened(kernel, kernel.openTree(imageRoot, EMPTY, clone))) {
      kernel.mountSetattr(
          bound.number(), EMPTY, MountFlags.AT_EMPTY_PATH, 0, MountFlags.MS_PRIVATE);
      kernel.moveMount(bound.number(), imageRoot);
    } catch (KernelException e) {
      throw e.is(Errno.ENOSYS)
          ? e.withHint("\"root-mount\" needs Linux 5.12: leave it out of the image's settings")
          : e;
    }
  }

  private Descriptor bindByPath(Descriptor tree, RootLayers layers) throws IOException {
    FileStatus below = tree.status();
    kernel.mount(tree.link(), tree.link(), null, MountFlags.MS_BIND | MountFlags.MS_REC, null);
    return new NewMount(kernel)
        .on(
            tree,
            mount -> {
              restrict(mount, layers);
              return below;
            })
        .mount();
  }

  private void restrict(Descriptor mount, RootLayers layers) throws KernelException {
    if (!layers.restrictions().isEmpty()) {
      AddedRestrictions.to(kernel, mount, flags(layers));
    }
  }

  /**
   * The tree is above the added mount points: what is in both, such as the root directory itself,
   * is as it is in the tree. Without a layer above it nothing can be written to.
   */
  private Descriptor overlay(Descriptor tree, RootLayers layers) throws IOException {
    long hidden = MountFlags.MS_NOSUID | MountFlags.MS_NODEV;
    FileStatus below = tree.status();
    kernel.mount(layers.source(), tree.link(), TMPFS, hidden, TMPFS_DATA);
    try (Descriptor memory = mountOn(tree, below);
        Descriptor points = points(memory, layers)) {
      OsString data =
          OsString.of("lowerdir=").plus(tree.link()).plus(OsString.of(":")).plus(points.link());
      FileStatus place = memory.status();
      if (layers.layer().isPresent()) {
        mountWritable(memory, layers, data, below);
      } else {
        long flags = flags(layers) | MountFlags.MS_RDONLY;
        try {
          kernel.mount(layers.source(), memory.link(), OVERLAY, flags, data);
        } catch (KernelException refused) {
          // Only the kernel knows whether it takes this tree for overlayfs, and here.
          if (layers.underlay().isEmpty()) {
            throw ofTree(refused);
          }
          return new UnderlayMounter(kernel, flags(layers)).mount(memory, tree, layers);
        }
      }
      return mountOn(memory, place);
    }
  }

  /** Returns what was mounted on a directory. */
  private Descriptor mountOn(Descriptor directory, FileStatus status) throws IOException {
    return new NewMount(kernel).on(directory, mount -> status).mount();
  }

  private void mountWritable(Descriptor memory, RootLayers layers, OsString lower, FileStatus tree)
      throws IOException {
    Optional<HostPath> directory = layers.layer().orElseThrow().directory();
    try (Descriptor kept = directory.isPresent() ? open(directory.get()) : null) {
      Descriptor holder = kept == null ? memory : kept;
      try (Descriptor upper = make(holder, UPPER, tree);
          Descriptor work = make(holder, WORK, tree)) {
        OsString data =
            lower
                .plus(OsString.of(",upperdir="))
                .plus(upper.link())
                .plus(OsString.of(",workdir="))
                .plus(work.link());
        // With an index the kernel refuses a directory that another command writes to.
        OsString indexed = kept == null ? data : data.plus(OsString.of(",index=on"));
        kernel.mount(layers.source(), memory.link(), OVERLAY, flags(layers), indexed);
      } catch (KernelException e) {
        throw kept == null ? ofTree(e) : explained(e, directory.get());
      }
    }
  }

  /** The errno alone does not say that it is overlayfs which refuses. */
  private static KernelException ofTree(KernelException failure) {
    if (failure.is(Errno.ENODEV)) {
      return failure.withHint("this kernel has no overlayfs: modprobe overlay");
    }
    return failure.is(Errno.EINVAL)
        ? failure.withHint(
            "overlayfs does not take this tree (dmesg says why): move the image to ext4, xfs,"
                + " btrfs or tmpfs")
        : failure;
  }

  private static IOException explained(KernelException failure, HostPath layer) {
    if (failure.is(Errno.EBUSY)) {
      return new MountException("the layer " + layer + " is in use by another command", failure);
    }
    if (failure.is(Errno.EINVAL)) {
      return new MountException(
          "the filesystem of the layer "
              + layer
              + " cannot hold one (dmesg says why)\nhint: use a directory on ext4, xfs, btrfs or"
              + " tmpfs: neither NFS nor FUSE can be written to by overlayfs",
          failure);
    }
    // Overlayfs compares the tree with the one that the layer was first used with.
    return failure.is(Errno.ESTALE)
        ? new MountException(
            "the layer "
                + layer
                + " was written over another tree, such as another version of the image\nhint: use"
                + " another directory for this one, or remove \"upper\" and \"work\" in it with"
                + " all that was written",
            failure)
        : failure;
  }

  private Descriptor open(HostPath directory) throws IOException {
    int uid = LinuxProcessCalls.running().effectiveUid();
    try {
      return Descriptor.opened(kernel, TrustedPath.forUser(kernel, uid).open(directory));
    } catch (UntrustedException e) {
      throw new MountException("the layer is not safe: " + e.getMessage(), e);
    } catch (KernelException e) {
      throw e.is(Errno.ENOENT) ? e.withHint("make the directory of the layer: " + directory) : e;
    }
  }

  /** Makes a directory for overlayfs, which shows the upper one's owner and mode for the root's. */
  private Descriptor make(Descriptor holder, OsString name, FileStatus like)
      throws KernelException {
    boolean made = NewDirectory.make(kernel, holder.number(), name, MODE_OF_DIRECTORY);
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    Descriptor directory =
        Descriptor.opened(kernel, kernel.openat(holder.number(), name, flags, 0));
    try {
      if (made) {
        kernel.fchown(directory.number(), like.uid(), like.gid());
        kernel.fchmod(directory.number(), like.permissions());
      }
      return directory;
    } catch (KernelException | RuntimeException | Error e) {
      directory.close();
      throw e;
    }
  }

  private Descriptor points(Descriptor memory, RootLayers layers) throws KernelException {
    NewDirectory.make(kernel, memory.number(), POINTS, MODE_OF_DIRECTORY);
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    Descriptor points = Descriptor.opened(kernel, kernel.openat(memory.number(), POINTS, flags, 0));
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
    } catch (KernelException | RuntimeException | Error e) {
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
