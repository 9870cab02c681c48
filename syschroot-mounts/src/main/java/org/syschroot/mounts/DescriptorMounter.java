// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.Optional;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.mounting.HeldImageFile;
import org.syschroot.mounting.Mounter;
import org.syschroot.mounting.RootLayers;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.PathResolver;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.HostPath;

/**
 * Mounts in an image by descriptors, verifying each mount: what a switch uses in its own mount
 * namespace, where nothing has to be taken back. Thread-safe as far as its kernel is.
 */
final class DescriptorMounter implements Mounter {
  private final Kernel kernel;
  private final MountEngine engine;
  private final AttachedFiles attached;

  /** Creates a mounter that makes its calls on {@code kernel}. */
  public DescriptorMounter(Kernel kernel) {
    this(kernel, new AttachedFiles());
  }

  DescriptorMounter(Kernel kernel, AttachedFiles attached) {
    this.kernel = kernel;
    this.attached = attached;
    this.engine = new MountEngine(kernel);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Nothing can be mounted on a file that was deleted, so a stale mount of one is detached
   * before: in this namespace, nobody else's.
   */
  @Override
  public void mount(int imageRoot, MountSelection.Mount mount) throws IOException {
    try {
      engine.mount(imageRoot, mount).close();
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT) || !detachStale(imageRoot, mount)) {
        throw e;
      }
      engine.mount(imageRoot, mount).close();
    }
  }

  @Override
  public void mountImageFile(HostPath file, HostPath root) throws IOException {
    new ImageFileMounter(kernel, attached).mount(file, root);
  }

  @Override
  public HeldImageFile holdImageFile(HostPath file, HostPath root) throws IOException {
    return new ImageFileMounter(kernel, attached).hold(file, root);
  }

  @Override
  public int mountRoot(int imageRoot, RootLayers layers) throws IOException {
    return new RootMounter(kernel).mount(imageRoot, layers).number();
  }

  @Override
  public void checkMountPoint(int imageRoot, MountSelection.Mount mount) throws IOException {
    boolean onDirectory;
    try (Descriptor there = engine.resolver().inImage(imageRoot, mount.step().target(), 0)) {
      onDirectory = there.status().isDirectory();
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ELOOP)) {
        return; // what is missing can be made, and what is wrong with links the mount tells
      }
      throw e.is(Errno.ENOTDIR)
          ? e.withHint(
              mount.step().target() + " is below a file of the image: use another mount point")
          : e;
    }
    if (onDirectory != mount.ofDirectory()) {
      throw MountEngine.otherType(mount);
    }
  }

  @Override
  public void makeMountPoint(int imageRoot, MountSelection.Mount mount) throws IOException {
    new MountPoint(kernel, engine.resolver())
        .open(imageRoot, mount.step().target(), mount.ofDirectory())
        .close();
  }

  private boolean detachStale(int imageRoot, MountSelection.Mount mount) throws IOException {
    PathResolver resolver = engine.resolver();
    TargetSurvey.Finding finding =
        new TargetSurvey(kernel, resolver, imageRoot, MountTable.read(kernel)).of(mount);
    Optional<MountEntry> stale = finding.entry();
    if (finding.status().state() != MountStatus.State.STALE || stale.isEmpty()) {
      return false;
    }
    try (Descriptor there = resolver.inImage(imageRoot, mount.step().target(), 0)) {
      if (there.mountId() != stale.get().id()) {
        return false;
      }
      new NewMount(kernel).detach(there);
      return true;
    }
  }
}
