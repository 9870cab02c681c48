// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.syschroot.image.Image;
import org.syschroot.image.LauncherKind;
import org.syschroot.kernel.Accounts;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.Machine;
import org.syschroot.launcher.LaunchPlan;
import org.syschroot.launcher.LaunchProof;
import org.syschroot.launcher.Launcher;
import org.syschroot.launcher.LauncherAccess;
import org.syschroot.launcher.LauncherException;
import org.syschroot.launcher.LauncherFile;
import org.syschroot.launcher.LauncherStatus;
import org.syschroot.launcher.LauncherWriter;
import org.syschroot.launcher.Privilege;
import org.syschroot.mounting.RootLayers;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;

/**
 * Writes the launchers of images. Thread-safe.
 *
 * <p>For programs that set up hosts: what {@code syschroot link} does. The mounts must be there
 * before.
 *
 * <pre>{@code
 * ImageLaunchers launchers = new ImageLaunchers(ImageAccess.of(syschroot));
 * launchers.write(sl5);
 * List<HostPath> asConfigured = launchers.current(sl5);
 * }</pre>
 */
public final class ImageLaunchers {
  private final ImageAccess access;

  /** Creates what writes launchers of the images of {@code access}. */
  public ImageLaunchers(ImageAccess access) {
    this.access = access;
  }

  /** Hears of each launcher that was written, before the next. */
  @FunctionalInterface
  public interface Written {
    /**
     * Called with a launcher, what it runs, and its image.
     *
     * @param program in the image, or empty for the launcher of the image as a whole
     */
    void written(Launcher launcher, Optional<ImagePath> program, ImageFiles files)
        throws IOException;
  }

  /**
   * Writes the launchers that the configuration of an image names, for file capabilities. Nothing
   * is written if one of them cannot be.
   *
   * @throws LauncherException if the image's settings or the image do not allow it
   * @throws IOException if mounts that they need are not there, or a file cannot be written
   */
  public void write(Image image) throws IOException {
    List<Launcher> all = Launcher.configured(image);
    if (!all.isEmpty()) {
      write(image, all, Privilege.FILE_CAPABILITY, (launcher, program, files) -> {});
    }
  }

  /**
   * Returns the launchers that the configuration of an image names and that are as it wants them.
   *
   * @throws IOException if one cannot be compared with what it is to be
   */
  public List<HostPath> current(Image image) throws IOException {
    return LauncherStatus.configured(access, image).stream()
        .filter(launcher -> launcher.state() == LauncherStatus.State.LINKED)
        .map(LauncherStatus::path)
        .toList();
  }

  /**
   * Writes launchers of an image, all of one kind. Nothing is written if one of them cannot be.
   *
   * @throws LauncherException if the image's settings or the image do not allow it
   * @throws IOException if mounts that they need are not there, or a file cannot be written
   */
  public void write(Image image, List<Launcher> launchers, Privilege privilege, Written listener)
      throws IOException {
    LauncherAccess users = LauncherAccess.of(image, Accounts.ofHost());
    access.requireTree(image);
    // First: nobody is to mount an image that has no launchers where it is.
    LauncherKind kind = launchers.get(0).kind();
    LaunchProof proof = Launcher.proof(access, image, kind);
    if (kind == LauncherKind.BOOT) {
      access.requireMounts(image, "and a launcher does not mount it");
    }
    Kernel kernel = access.kernel();
    try (ImageFiles files = ImageFiles.open(kernel, image, access.effectiveUid())) {
      // What settings and image do not allow is refused before the first is written.
      for (Launcher launcher : launchers) {
        requireOwn(kernel, launcher);
        LaunchPlan plan = launcher.plan(access, launcher.program(files), proof, privilege);
        if (!plan.namespaces().layers().map(RootLayers::isOverlay).orElse(false)) {
          files.makeMountPoints(plan.namespaces().mounts());
        }
      }
      for (Launcher launcher : launchers) {
        Optional<ImagePath> program = launcher.program(files);
        write(launcher, launcher.plan(access, program, proof, privilege), users);
        listener.written(launcher, program, files);
      }
    }
  }

  private static void requireOwn(Kernel kernel, Launcher launcher) throws IOException {
    try {
      LauncherFile there = LauncherFile.read(kernel, launcher.path());
      if (!there.plan().image().equals(launcher.image().name())) {
        throw new IOException(
            launcher.path()
                + " is a launcher of "
                + there.plan().image()
                + ": \"syschroot unlink "
                + launcher.path()
                + "\" first, or choose another directory");
      }
    } catch (LauncherException notReadable) {
      // The writer replaces launchers of other releases, and refuses what is none.
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  private void write(Launcher launcher, LaunchPlan plan, LauncherAccess users) throws IOException {
    try {
      new LauncherWriter(access.kernel(), access.effectiveUid())
          .write(launcher.path(), plan, Machine.current(), users);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        throw new IOException(
            launcher.path() + ": its directory is missing: create it, owned by root with mode 0755",
            e);
      }
      if (e.is(Errno.EACCES) || e.is(Errno.EPERM) || e.is(Errno.EROFS)) {
        KernelException advised = e.withHint("use a directory of yours, or ask root");
        throw new IOException(
            "cannot create " + launcher.path() + ": " + advised.getMessage(), advised);
      }
      throw e;
    }
  }
}
