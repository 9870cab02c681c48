// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.image.Image;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.launcher.ImagePrograms;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.PathResolver;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.trust.TrustedPath;

/**
 * The files of an image, with paths resolved as if its root were the root directory, so that no
 * symbolic link in it leads to the native system. For one thread; holds a descriptor until it is
 * closed.
 *
 * <p>To use whenever root looks into or changes an image, whose links may lead anywhere.
 *
 * <pre>{@code
 * try (ImageFiles files = ImageAccess.of(syschroot).files(sl5)) {
 *   return files.isProgram(ImagePath.of("/usr/bin/make"));
 * }
 * }</pre>
 */
public final class ImageFiles implements ImagePrograms {
  private static final int MAY_EXECUTE = 0111;

  private final Kernel kernel;
  private final Descriptor imageRoot;
  private final PathResolver resolver;

  private ImageFiles(Kernel kernel, Descriptor imageRoot) {
    this.kernel = kernel;
    this.imageRoot = imageRoot;
    this.resolver = new PathResolver(kernel);
  }

  /**
   * Opens an image.
   *
   * @param root the image's root directory
   * @param effectiveUid the user to trust besides root, usually that of this process
   * @throws org.syschroot.path.UntrustedException if others could have changed the root
   * @throws IOException if it cannot be opened
   */
  public static ImageFiles open(Kernel kernel, HostPath root, int effectiveUid) throws IOException {
    TrustedPath trust = TrustedPath.forUser(kernel, effectiveUid);
    return new ImageFiles(kernel, Descriptor.opened(kernel, trust.open(root)));
  }

  /**
   * Opens an image, whose root may also belong to those whom its settings trust.
   *
   * @param effectiveUid the user to trust besides root, usually that of this process
   * @throws org.syschroot.path.UntrustedException if others could have changed the root
   * @throws IOException if it cannot be opened
   */
  public static ImageFiles open(Kernel kernel, Image image, int effectiveUid) throws IOException {
    int root = image.trust(kernel, effectiveUid).open(image.root());
    return new ImageFiles(kernel, new Descriptor(kernel, root));
  }

  @Override
  public boolean isProgram(ImagePath path) throws KernelException {
    try (Descriptor file = resolver.inImage(imageRoot.number(), path, 0)) {
      FileStatus status = file.status();
      return status.isRegularFile() && (status.permissions() & MAY_EXECUTE) != 0;
    } catch (KernelException e) {
      if (isAbsence(e)) {
        return false;
      }
      throw e;
    }
  }

  private static boolean isAbsence(KernelException failure) {
    return failure.is(Errno.ENOENT) || failure.is(Errno.ENOTDIR) || failure.is(Errno.ELOOP);
  }

  /**
   * Makes the mount points that are missing, but for those in another mount.
   *
   * @throws MountException if one is missing and cannot be made; it names it
   * @throws KernelException if a call fails
   */
  public void makeMountPoints(List<MountSelection.Mount> mounts) throws IOException {
    MountPoint places = new MountPoint(kernel, resolver);
    List<ImagePath> before = new ArrayList<>();
    for (MountSelection.Mount mount : mounts) {
      ImagePath target = mount.step().target();
      if (before.stream().noneMatch(place -> target.startsWith(place))) {
        try {
          places.open(imageRoot.number(), target, mount.ofDirectory()).close();
        } catch (KernelException e) {
          throw new MountException(
              "the image has no " + target + ", and this mount point cannot be created", e);
        }
      }
      before.add(target);
    }
  }

  /**
   * Makes a symbolic link, and the directories on the way to it, in the image's own file system.
   *
   * @return whether it was made; false if it is there already
   * @throws MountException if something else has its name, or if its place is not in the image but
   *     on a mount of the native system
   * @throws KernelException if a call fails
   */
  public boolean link(ImagePath link, ImagePath target) throws IOException {
    OsString name = link.value().baseName();
    MountPoint directories = new MountPoint(kernel, resolver);
    try (Descriptor directory = directories.open(imageRoot.number(), directoryOf(link), true)) {
      if (directory.status().mountId() != imageRoot.status().mountId()) {
        throw new MountException(
            "no link " + link + " in the image: its directory is on a mount of the host");
      }
      try {
        kernel.symlinkat(target.value(), directory.number(), name);
        return true;
      } catch (KernelException e) {
        if (!e.is(Errno.EEXIST)) {
          throw e;
        }
        if (isLinkTo(directory, name, List.of(target))) {
          return false;
        }
        throw new MountException(
            "no link " + link + " in the image: another file of that name exists", e);
      }
    }
  }

  /**
   * Removes a symbolic link if its text is one of those.
   *
   * @return whether it was removed; false if it is not there, or something else is
   * @throws KernelException if a call fails
   */
  public boolean unlink(ImagePath link, List<ImagePath> targets) throws KernelException {
    OsString name = link.value().baseName();
    try (Descriptor directory =
        resolver.inImage(imageRoot.number(), directoryOf(link), OpenFlags.O_DIRECTORY)) {
      if (directory.status().mountId() != imageRoot.status().mountId()
          || !isLinkTo(directory, name, targets)) {
        return false;
      }
      kernel.unlinkat(directory.number(), name, 0);
      return true;
    } catch (KernelException e) {
      if (isAbsence(e)) {
        return false;
      }
      throw e;
    }
  }

  private static ImagePath directoryOf(ImagePath path) {
    OsString text = path.value();
    return ImagePath.of(text.slice(0, text.length() - text.baseName().length()));
  }

  private boolean isLinkTo(Descriptor directory, OsString name, List<ImagePath> targets)
      throws KernelException {
    try {
      OsString text = kernel.readlinkat(directory.number(), name);
      return targets.stream().anyMatch(target -> target.value().equals(text));
    } catch (KernelException e) {
      if (e.is(Errno.EINVAL) || e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  /** Closes the descriptor of the image's root. */
  @Override
  public void close() {
    imageRoot.close();
  }
}
