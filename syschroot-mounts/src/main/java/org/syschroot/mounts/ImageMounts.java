// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.List;
import org.syschroot.image.Image;
import org.syschroot.kernel.Kernel;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.ImageLock;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.trust.TrustedPath;

/**
 * The mounts of an image in the mount namespace of the calling thread: mounts, unmounts and
 * compares them.
 *
 * <pre>{@code
 * try (ImageMounts mounts = ImageAccess.of(syschroot).mounts(sl5)) {
 *   mounts.up(MountListener.NONE);
 * }
 * }</pre>
 *
 * <p>What is mounted is always read from the kernel; what is remembered is only who made it, so all
 * operations can be repeated, also after a crash. Those that change something wait for one another,
 * across processes. For one thread at a time; holds a descriptor until it is closed.
 */
public final class ImageMounts implements AutoCloseable {
  private final Kernel kernel;
  private final TrustedPath trust;
  private final HostPath lockDirectory;
  private final Descriptor imageRoot;
  private final MountSelection selection;
  private final MountEngine engine;

  private ImageMounts(
      Kernel kernel,
      TrustedPath trust,
      HostPath lockDirectory,
      Descriptor imageRoot,
      MountSelection selection) {
    this.kernel = kernel;
    this.trust = trust;
    this.lockDirectory = lockDirectory;
    this.imageRoot = imageRoot;
    this.selection = selection;
    this.engine = new MountEngine(kernel);
  }

  /**
   * Opens an image.
   *
   * @param root the image's root directory
   * @param effectiveUid the user to trust besides root, usually that of this process
   * @param selection what is to be mounted
   * @throws org.syschroot.path.UntrustedException if others could have changed the root
   * @throws IOException if it cannot be opened
   */
  public static ImageMounts open(
      Kernel kernel, HostPath root, int effectiveUid, MountSelection selection) throws IOException {
    return open(kernel, root, effectiveUid, selection, ImageLock.DIRECTORY);
  }

  /** Opens an image, whose root may also belong to those whom its settings trust. */
  static ImageMounts open(Kernel kernel, Image image, int effectiveUid, MountSelection selection)
      throws IOException {
    int root = image.trust(kernel, effectiveUid).open(image.root());
    return new ImageMounts(
        kernel,
        TrustedPath.forUser(kernel, effectiveUid),
        ImageLock.DIRECTORY,
        new Descriptor(kernel, root),
        selection);
  }

  static ImageMounts open(
      Kernel kernel, HostPath root, int effectiveUid, MountSelection selection, HostPath locks)
      throws IOException {
    TrustedPath trust = TrustedPath.forUser(kernel, effectiveUid);
    Descriptor imageRoot = Descriptor.opened(kernel, trust.open(root));
    return new ImageMounts(kernel, trust, locks, imageRoot, selection);
  }

  /**
   * Returns what became of each planned mount, in the order of the plan; then what is stale of
   * those that were left out, because their source on the host is as stale; then all else that is
   * mounted in the image.
   *
   * @throws IOException if a target cannot be looked at
   */
  public List<MountStatus> status() throws IOException {
    return look(record()).status();
  }

  /**
   * Returns where the image's own mounts are, which {@link #down} unmounts: those that are planned,
   * and those that were made when they were.
   *
   * @throws IOException if a target cannot be looked at
   */
  public List<ImagePath> own() throws IOException {
    return look(record()).own();
  }

  private MountRecord record() throws IOException {
    return MountRecord.read(kernel, trust, lockDirectory, imageRoot.number());
  }

  private MountsInImage look(MountRecord record) throws IOException {
    return new MountsInImage(kernel, engine.resolver(), imageRoot.number(), selection, record);
  }

  /**
   * Mounts what is missing, all of it or nothing, and files anew that were replaced on the host
   * since they were mounted.
   *
   * @return how many mounts were made, 0 if none was missing
   * @throws MountException if something else is mounted at a target
   * @throws IOException if a mount fails; those made before are taken back, and a failure to do so
   *     is suppressed in the first
   */
  public int up(MountListener listener) throws IOException {
    ImageLock lock = lock();
    try {
      return new MountExecutor(kernel, engine, record(), imageRoot.number())
          .up(selection.mounts(), listener);
    } finally {
      lock.close();
    }
  }

  /**
   * Mounts files anew that were replaced on the host since they were mounted. What is not mounted
   * stays so, and all other mounts are left alone.
   *
   * @return how many
   * @throws IOException if one cannot be mounted; it is missing then
   */
  public int renew(MountListener listener) throws IOException {
    ImageLock lock = lock();
    try {
      return new MountExecutor(kernel, engine, record(), imageRoot.number())
          .renew(selection.mounts(), listener);
    } finally {
      lock.close();
    }
  }

  /**
   * Unmounts what is there, and what has come along with it, all or nothing. Who uses a mount is
   * looked at before the first is unmounted; if one cannot be unmounted all the same, those before
   * it are put back.
   *
   * @param lazy whether mounts that are in use vanish from sight now and go when nobody uses them
   *     any more, with what others have mounted on them
   * @return how many mounts were removed, 0 if there was none
   * @throws MountException if a mount is in use (the message names the users) or somebody else has
   *     mounted something on it: then nothing was unmounted; or if something else is at a target:
   *     then that stays
   * @throws IOException if a call fails; the message says what is mounted then, and failures to put
   *     mounts back are suppressed in it
   */
  public int down(boolean lazy, MountListener listener) throws IOException {
    ImageLock lock = lock();
    try {
      MountRecord record = record();
      MountsInImage found = look(record);
      List<MountEntry> order = found.takedown().order();
      new Unmounter(kernel, engine.resolver(), found.table(), lazy, listener)
          .down(found.takedown());
      forget(record);
      List<MountException> refusals = found.refusals();
      if (!refusals.isEmpty()) {
        refusals.stream().skip(1).forEach(refusals.get(0)::addSuppressed);
        throw refusals.get(0);
      }
      return order.size();
    } finally {
      lock.close();
    }
  }

  private void forget(MountRecord record) {
    try {
      record.retain(MountTable.read(kernel));
    } catch (IOException harmless) {
      // What is recorded is only used for what is in the mount table as well.
    }
  }

  private ImageLock lock() throws IOException {
    return ImageLock.take(kernel, trust, lockDirectory, imageRoot.number());
  }

  /** Closes the descriptor of the image's root; mounts stay as they are. */
  @Override
  public void close() {
    imageRoot.close();
  }
}
