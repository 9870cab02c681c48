// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.syschroot.image.Image;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounting.KernelRoots;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mounting.RootSurvey;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.trust.TrustedPath;

/**
 * What is mounted on the root directory of an image, beneath all other mounts, to stay: the
 * filesystem of an image file, the mount points that a tree lacks that cannot be written to, and
 * the root directory itself if the settings say so. What is there is read from the mount table,
 * where the source tells what is syschroot's. For one thread at a time.
 */
final class BootRoot {
  private static final OsString LOOP = OsString.of("/dev/loop");

  private final Kernel kernel;
  private final TrustedPath trust;
  private final Image image;
  private final OsString source;

  BootRoot(Kernel kernel, int effectiveUid, Image image) {
    this.kernel = kernel;
    this.trust = image.trust(kernel, effectiveUid);
    this.image = image;
    this.source = RootLayers.of(image.name().toString(), List.of(), Set.of()).source();
  }

  /**
   * Mounts what is missing.
   *
   * @param mounts what is to be mounted in the image
   * @return whether anything was
   * @throws IOException if it fails; then nothing more than before is mounted
   */
  boolean up(MountSelection mounts) throws IOException {
    boolean made = false;
    if (image.file().isPresent() && !new KernelRoots(kernel).isMountPoint(image.root())) {
      new ImageFileMounter(kernel).mount(image.file().get(), image.root());
      made = true;
    }
    try {
      made |= addMountPoints(mounts);
      if (image.rootMount() && !new KernelRoots(kernel).isMountPoint(image.root())) {
        mountOnItself();
        made = true;
      }
      return made;
    } catch (IOException e) {
      if (made) {
        try {
          down(true);
        } catch (IOException stays) {
          e.addSuppressed(stays);
        }
      }
      throw e;
    }
  }

  private boolean addMountPoints(MountSelection mounts) throws IOException {
    RootSurvey.Finding tree = new KernelRoots(kernel).of(image.root(), mounts.mounts(), false);
    if (tree.lacking().isEmpty()) {
      return false;
    }
    for (MountStatus status : new LinuxMountSurvey(kernel).of(image.root(), mounts)) {
      if (status.state() != MountStatus.State.MISSING) {
        throw new MountException(
            "the tree lacks "
                + tree.lacking().get(0).place()
                + ", which can only be added beneath all mounts\nhint: syschroot umount "
                + image.name()
                + ", then mount it again");
      }
    }
    RootLayers layers =
        RootLayers.of(image.name().toString(), tree.lacking(), tree.restrictions())
            .with(tree.underlay());
    try (Descriptor root = Descriptor.opened(kernel, trust.open(image.root()))) {
      new RootMounter(kernel).mount(root.number(), layers).close();
    }
    return true;
  }

  private void mountOnItself() throws IOException {
    try (Descriptor root = new Descriptor(kernel, trust.open(image.root()))) {
      HostPath place = HostPath.of(root.path());
      if (MountTable.read(kernel).hasAnyInside(place)) {
        throw new MountException(
            "cannot mount the root directory on itself: something is mounted in "
                + image.root()
                + "\nhint: unmount that first, by \"syschroot umount "
                + image.name()
                + "\" what syschroot has mounted; or leave out \"root-mount\"");
      }
      new RootMounter(kernel).mountOnItself(root.number());
    }
  }

  /**
   * Returns the state of the root directory as a mount, or empty if it need not be one.
   *
   * @throws IOException if it cannot be looked at
   */
  Optional<MountStatus> status() throws IOException {
    if (!image.rootMount()) {
      return Optional.empty();
    }
    boolean there = new KernelRoots(kernel).isMountPoint(image.root());
    return Optional.of(
        new MountStatus(
            ImagePath.ROOT,
            Optional.empty(),
            there ? MountStatus.State.MOUNTED : MountStatus.State.MISSING,
            there ? "" : "root-mount is set, and the root directory is no mount point",
            true));
  }

  /**
   * Unmounts what {@link #up} mounts, however often. Nothing may be mounted on it any more.
   *
   * @throws MountException if it is in use
   * @throws IOException if a call fails
   */
  void down(boolean lazy) throws IOException {
    Optional<HostPath> own = own();
    while (own.isPresent()) {
      int flags = MountFlags.UMOUNT_NOFOLLOW | (lazy ? MountFlags.MNT_DETACH : 0);
      try {
        for (MountEntry piece : pieces(own.get())) {
          kernel.umount2(piece.target(), flags);
        }
        kernel.umount2(own.get().value(), flags);
      } catch (KernelException e) {
        throw e.is(Errno.EBUSY)
            ? new MountException(
                "cannot unmount "
                    + image.root()
                    + ": a process uses it; the mounts in it are unmounted\nhint: end that process"
                    + " and repeat, or: syschroot umount --lazy "
                    + image.name(),
                e)
            : e;
      }
      own = own();
    }
  }

  private List<MountEntry> pieces(HostPath root) throws IOException {
    MountTable table = MountTable.read(kernel);
    return table.at(root).map(mount -> UnderlayPieces.of(table, mount)).orElse(List.of());
  }

  /** Returns where the topmost mount on the root directory is, if it is syschroot's. */
  private Optional<HostPath> own() throws IOException {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    try (Descriptor root =
        Descriptor.opened(kernel, kernel.openat(Kernel.AT_FDCWD, image.root().value(), flags, 0))) {
      HostPath place = HostPath.of(root.path());
      MountTable table = MountTable.read(kernel);
      return table
          .byId(root.mountId())
          .filter(entry -> entry.target().equals(place.value()) && isOwn(entry, table))
          .map(entry -> place);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private boolean isOwn(MountEntry entry, MountTable table) {
    return entry.source().equals(source)
        || (image.file().isPresent() && entry.source().startsWith(LOOP))
        || (image.rootMount() && isOnItself(entry, table));
  }

  /** Returns whether a mount shows the very directory that it is mounted on. */
  private static boolean isOnItself(MountEntry entry, MountTable table) {
    Optional<MountEntry> parent = table.byId(entry.parent());
    if (parent.isEmpty() || !parent.get().device().equals(entry.device())) {
      return false;
    }
    HostPath beneath = HostPath.of(parent.get().target());
    List<OsString> names = HostPath.of(entry.target()).names();
    HostPath shown = HostPath.of(parent.get().root());
    for (OsString name : names.subList(beneath.names().size(), names.size())) {
      shown = shown.resolve(name);
    }
    return shown.value().equals(entry.root());
  }
}
