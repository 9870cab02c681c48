// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.mount.MountSelection;
import org.syschroot.path.HostPath;
import org.syschroot.trust.TrustedPath;

/**
 * The mounts of an image in the mount namespace of the calling thread: made, removed and looked at.
 *
 * <pre>{@code
 * try (ImageMounts mounts = ImageMounts.open(kernel, image.root(), 0, selection)) {
 *   mounts.up(MountListener.NONE);
 * }
 * }</pre>
 *
 * <p>What is mounted is always read from the kernel, never remembered, so all operations can be
 * repeated, also after a crash. Those that change something wait for one another, across processes.
 * For one thread at a time; holds a descriptor until it is closed.
 */
public final class ImageMounts implements AutoCloseable {
  private final Kernel kernel;
  private final TrustedPath trust;
  private final HostPath lockDirectory;
  private final Descriptor imageRoot;
  private final List<MountSelection.Mount> planned;
  private final List<MountSelection.Mount> skipped;
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
    this.planned = selection.mounts();
    this.skipped =
        selection.skipped().stream()
            .map(step -> new MountSelection.Mount(step.step(), true))
            .toList();
    this.engine = new MountEngine(kernel);
  }

  /**
   * Opens an image.
   *
   * @param root the image's root directory
   * @param effectiveUid the user to trust besides root, usually that of this process
   * @param selection what is to be mounted
   * @throws org.syschroot.trust.UntrustedException if others could have changed the root
   * @throws IOException if it cannot be opened
   */
  public static ImageMounts open(
      Kernel kernel, HostPath root, int effectiveUid, MountSelection selection) throws IOException {
    return open(kernel, root, effectiveUid, selection, ImageLock.DIRECTORY);
  }

  static ImageMounts open(
      Kernel kernel, HostPath root, int effectiveUid, MountSelection selection, HostPath locks)
      throws IOException {
    TrustedPath trust = TrustedPath.forUser(kernel, effectiveUid);
    Descriptor imageRoot = new Descriptor(kernel, trust.open(root));
    return new ImageMounts(kernel, trust, locks, imageRoot, selection);
  }

  /**
   * Returns what became of each planned mount, in the order of the plan; then what is stale of
   * those that were left out, because their source on the host is as stale.
   *
   * @throws IOException if a target cannot be looked at
   */
  public List<MountStatus> status() throws IOException {
    MountSurvey survey = survey();
    List<MountStatus> all = new ArrayList<>();
    for (MountSelection.Mount mount : planned) {
      all.add(survey.of(mount).status());
    }
    for (MountSelection.Mount mount : stale(survey)) {
      all.add(survey.of(mount).status());
    }
    return List.copyOf(all);
  }

  private MountSurvey survey() throws IOException {
    return new MountSurvey(kernel, engine.resolver(), imageRoot.number(), MountTable.read(kernel));
  }

  private List<MountSelection.Mount> stale(MountSurvey survey) throws IOException {
    List<MountSelection.Mount> stale = new ArrayList<>();
    for (MountSelection.Mount mount : skipped) {
      try {
        if (survey.of(mount).status().state() == MountStatus.State.STALE) {
          stale.add(mount);
        }
      } catch (KernelException unseen) {
        // Its target cannot be looked at. It is not planned, so nobody has to know.
      }
    }
    return stale;
  }

  /**
   * Mounts what is missing, all of it or nothing.
   *
   * @return how many mounts were made, 0 if none was missing
   * @throws MountException if something else is mounted at a target
   * @throws IOException if a mount fails; those made before are taken back, and a failure to do so
   *     is suppressed in the first
   */
  public int up(MountListener listener) throws IOException {
    ImageLock lock = lock();
    try {
      return new MountExecutor(kernel, engine, imageRoot.number()).up(planned, listener);
    } finally {
      lock.close();
    }
  }

  /**
   * Unmounts what is there, and what is mounted on it, in reverse order. All are tried.
   *
   * @param lazy whether mounts that are in use vanish from sight now and go when nobody uses them
   *     any more; else they stay, and the failure names who uses them
   * @return how many mounts were removed, 0 if there was none
   * @throws IOException the first failure, with the others suppressed
   */
  public int down(boolean lazy, MountListener listener) throws IOException {
    ImageLock lock = lock();
    try {
      List<MountSelection.Mount> all = new ArrayList<>(planned);
      all.addAll(stale(survey()));
      return new Unmounter(kernel, engine.resolver(), imageRoot.number(), lazy, listener).down(all);
    } finally {
      lock.close();
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
