// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.syschroot.Syschroot;
import org.syschroot.config.ConfigException;
import org.syschroot.host.HostState;
import org.syschroot.host.MountProblem;
import org.syschroot.image.Image;
import org.syschroot.image.Origin;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxKernel;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.launcher.LauncherHost;
import org.syschroot.mounting.KernelRoots;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.path.HostPath;
import org.syschroot.path.UntrustedException;

/**
 * Access to mounts and files of images, by their configuration and the extensions of the host.
 * Thread-safe.
 *
 * <p>To start with for all that is done to an image, not in it: its mounts, launchers and files.
 *
 * <pre>{@code
 * ImageAccess access = ImageAccess.of(syschroot);
 * return access.lacksMounts(sl5);
 * }</pre>
 */
public final class ImageAccess implements LauncherHost {
  /** How many bytes of a file say which filesystem it holds. */
  public static final int HEAD_OF_IMAGE_FILE = ImageFileFormat.HEAD;

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
    return ImageFiles.open(kernel, image, effectiveUid);
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
    if (isInFile(image)) {
      new ImageFileMounter(kernel).makeDirectory(image.root()); // nothing is mounted in it
    }
    return ImageMounts.open(kernel, image, effectiveUid, selection);
  }

  /**
   * Mounts what is beneath all mounts of an image, to stay: the filesystem of an image file, and
   * the mount points that a tree lacks that cannot be written to.
   *
   * @return whether anything was mounted
   * @throws IOException if it fails; then nothing more than before is mounted
   */
  public boolean mountRoot(Image image) throws IOException {
    return new BootRoot(kernel, effectiveUid, image).up(syschroot.site().mountsOf(image));
  }

  /**
   * Unmounts what {@link #mountRoot} mounts; all mounts of the image are unmounted already.
   *
   * @param lazy whether one in use vanishes from sight now, and goes when nobody uses it any more
   * @throws MountException if it is in use
   * @throws IOException if it fails
   */
  public void unmountRoot(Image image, boolean lazy) throws IOException {
    new BootRoot(kernel, effectiveUid, image).down(lazy);
  }

  /**
   * Returns the state of the root directory as a mount, or empty if the settings do not say that it
   * is to be one.
   *
   * @throws IOException if it cannot be looked at
   */
  public Optional<MountStatus> rootStatus(Image image) throws IOException {
    return new BootRoot(kernel, effectiveUid, image).status();
  }

  /**
   * Checks that a file can be an image: that it holds a filesystem of images, and is root's alone.
   *
   * @throws org.syschroot.path.UntrustedException if others could write to it or exchange it
   * @throws MountException if it holds none
   * @throws IOException if it cannot be read
   */
  public static void checkImageFile(Kernel kernel, HostPath file) throws IOException {
    new ImageFileMounter(kernel).check(file);
  }

  /**
   * Returns the filesystem that a file holds which can be an image, such as {@code squashfs}; empty
   * if it holds none.
   *
   * @param head the first {@link #HEAD_OF_IMAGE_FILE} bytes of the file
   */
  public static Optional<String> filesystemOf(byte[] head) {
    return ImageFileFormat.of(head).map(ImageFileFormat::type);
  }

  /** Returns whether the filesystem of an image is in a file that is not mounted. */
  public boolean isInFile(Image image) throws IOException {
    return isInFile(image, kernel);
  }

  private static boolean isInFile(Image image, Kernel kernel) throws IOException {
    return image.file().isPresent() && !new KernelRoots(kernel).isMountPoint(image.root());
  }

  /**
   * Requires that the tree of an image is there to be looked at.
   *
   * @throws ConfigException if it is in a file that is not mounted
   * @throws IOException if it cannot be looked at
   */
  public void requireTree(Image image) throws IOException {
    if (isInFile(image)) {
      throw new ConfigException(
          image.origins().get("root"),
          "root "
              + image.place()
              + " is a file that is not mounted\nhint: root mounts it with: syschroot mount "
              + image.name());
    }
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
    // What is in a file is mounted when it is needed; until then the file has to be trusted.
    boolean inFile = isInFile(image, kernel);
    HostPath place = inFile ? image.place() : image.root();
    try {
      kernel.close(image.trust(kernel, effectiveUid).open(place));
    } catch (UntrustedException e) {
      throw new ConfigException(origin, "root " + place + ": " + e.getMessage());
    } catch (KernelException e) {
      String advice =
          e.is(Errno.ENOENT) ? ": create the image with \"syschroot create\", or correct root" : "";
      throw new ConfigException(
          origin, "root " + place + " cannot be opened: " + e.reason() + advice);
    }
  }
}
