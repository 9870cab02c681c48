// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.syschroot.Syschroot;
import org.syschroot.config.ConfigException;
import org.syschroot.image.Image;
import org.syschroot.image.Origin;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.launcher.LauncherHost;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.path.UntrustedException;
import org.syschroot.plan.HostState;
import org.syschroot.plan.MountProblem;
import org.syschroot.trust.TrustedPath;

/**
 * The mounts and files of images, for whoever looks after them on this host: what the images'
 * configuration and the rules of this host say of them. Thread-safe.
 */
public final class ImageAccess implements LauncherHost {
  private final Syschroot syschroot;
  private final Kernel kernel;
  private final int effectiveUid;

  /**
   * Creates the access to the images of {@code syschroot}.
   *
   * @param effectiveUid the user to trust besides root, usually that of this process
   */
  public ImageAccess(Syschroot syschroot, Kernel kernel, int effectiveUid) {
    this.syschroot = syschroot;
    this.kernel = kernel;
    this.effectiveUid = effectiveUid;
  }

  /** Returns the access of this process to the images of {@code syschroot}. */
  public static ImageAccess of(Syschroot syschroot) {
    int uid = LinuxProcessCalls.running().effectiveUid();
    return new ImageAccess(syschroot, LinuxKernel.running(), uid);
  }

  @Override
  public Kernel kernel() {
    return kernel;
  }

  @Override
  public int effectiveUid() {
    return effectiveUid;
  }

  /** Returns the images, and the ways to start commands in them. */
  public Syschroot syschroot() {
    return syschroot;
  }

  @Override
  public HostState hostState() throws IOException {
    return syschroot.site().hostState();
  }

  @Override
  public ImageFiles files(Image image) throws IOException {
    return ImageFiles.open(kernel, image.root(), effectiveUid);
  }

  /**
   * Opens the mounts of an image, to be brought up or down or looked at.
   *
   * @throws ConfigException if its root is missing, or others could have changed it
   * @throws IOException if site code fails, or the host cannot be read
   */
  public ImageMounts mounts(Image image) throws IOException {
    checkRoot(image);
    return mounts(image, syschroot.site().mountsOf(image));
  }

  /**
   * Opens the mounts of an image as {@link #mounts(Image)} does, with some selection of them.
   *
   * @throws ConfigException if its root is missing, or others could have changed it
   * @throws IOException if the host cannot be read
   */
  public ImageMounts mounts(Image image, MountSelection selection) throws IOException {
    checkRoot(image);
    return ImageMounts.open(kernel, image.root(), effectiveUid, selection);
  }

  /**
   * Requires that all planned mounts of an image are up.
   *
   * @param consequence what it would mean, for the message
   * @throws IOException with the first that is not, and what to do
   */
  public void requireMounts(Image image, String consequence) throws IOException {
    for (MountStatus status : mountStates(image)) {
      Optional<MountProblem> problem = MountProblem.of(image.name(), status);
      if (problem.isPresent()) {
        throw new IOException(image.name() + ": " + problem.get().text(consequence));
      }
    }
  }

  /** Returns whether a planned mount of an image is not up. */
  public boolean lacksMounts(Image image) throws IOException {
    return mountStates(image).stream()
        .anyMatch(status -> status.state() == MountStatus.State.MISSING);
  }

  private List<MountStatus> mountStates(Image image) throws IOException {
    checkRoot(image);
    return syschroot.site().mountStatesOf(image);
  }

  /**
   * Checks that the root of an image is there and that only root could have put it there.
   *
   * @throws ConfigException with the place of the setting, if not
   */
  public void checkRoot(Image image) throws IOException {
    checkRoot(image, kernel, effectiveUid);
  }

  /**
   * Checks that the root of an image is there and that only root or a user could have put it there.
   *
   * @throws ConfigException with the place of the setting, if not
   */
  public static void checkRoot(Image image, Kernel kernel, int effectiveUid) throws IOException {
    Origin origin = image.origins().get("root");
    try {
      kernel.close(TrustedPath.forUser(kernel, effectiveUid).open(image.root()));
    } catch (UntrustedException e) {
      throw new ConfigException(origin, "root " + image.root() + ": " + e.getMessage());
    } catch (KernelException e) {
      String advice =
          e.is(Errno.ENOENT) ? ": make the image with \"syschroot create\", or correct root" : "";
      throw new ConfigException(
          origin, "root " + image.root() + " cannot be opened: " + e.reason() + advice);
    }
  }
}
