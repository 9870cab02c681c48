// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.LinuxProcessCalls;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStep;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.PathResolver;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;
import org.syschroot.trust.ImageRemedies;
import org.syschroot.trust.TrustedPath;

/**
 * Makes one mount in an image, verifies it, and detaches it again. Thread-safe.
 *
 * <p>Verified means: who resolves the target in the image now gets to the root of the very mount
 * that was made, and sees the file that was to be mounted. Otherwise somebody changed the image
 * meanwhile, and the mount is taken back.
 */
final class MountEngine {
  private static final OsString TMPFS = OsString.of("tmpfs");

  private final Kernel kernel;
  private final PathResolver resolver;
  private final MountPoint mountPoint;
  private final NewMount newMount;
  private final TrustedPath trust;
  private volatile @Nullable BindMethod method;

  MountEngine(Kernel kernel) {
    this.kernel = kernel;
    this.resolver = new PathResolver(kernel);
    this.mountPoint = new MountPoint(kernel, resolver);
    this.newMount = new NewMount(kernel);
    int uid = LinuxProcessCalls.running().effectiveUid();
    this.trust = TrustedPath.forUser(kernel, uid);
  }

  PathResolver resolver() {
    return resolver;
  }

  /**
   * Mounts one step. If it fails nothing is mounted, or the failure has a suppressed one that says
   * why it could not be taken back; a mount point that was made is left.
   *
   * @return the mount, which the caller closes; until then {@link #detach} can take it back
   */
  Attached mount(int imageRoot, MountSelection.Mount mount) throws IOException {
    try (Descriptor target = open(imageRoot, mount)) {
      Attached attached = attach(mount, target);
      try {
        verify(imageRoot, mount, attached);
        return attached;
      } catch (IOException | RuntimeException | Error e) {
        try (attached) {
          detach(attached, e);
        }
        throw e;
      }
    }
  }

  private Descriptor open(int imageRoot, MountSelection.Mount mount) throws IOException {
    ImagePath path = mount.step().target();
    try {
      return resolver.inImageWithoutLinks(imageRoot, path, mount.ofDirectory());
    } catch (KernelException e) {
      if (e.is(Errno.ELOOP) || e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        return openByLinks(imageRoot, mount);
      }
      throw e;
    }
  }

  private Descriptor openByLinks(int imageRoot, MountSelection.Mount mount) throws IOException {
    ImagePath path = mount.step().target();
    try {
      Descriptor target = mountPoint.open(imageRoot, path, mount.ofDirectory());
      try {
        requireOwnLinks(imageRoot, path, target);
        return target;
      } catch (IOException | RuntimeException | Error e) {
        target.close();
        throw e;
      }
    } catch (KernelException e) {
      throw mount.ofDirectory() && e.is(Errno.ENOTDIR)
          ? e.withHint(onFile(path))
          : ImageRemedies.ofMountPoint(e);
    }
  }

  /**
   * Refuses a place behind a symbolic link of somebody else, who could have a mount that is meant
   * for a home directory cover {@code /etc} of the image.
   */
  private void requireOwnLinks(int imageRoot, ImagePath path, Descriptor target)
      throws IOException {
    HostPath root = HostPath.of(new Descriptor(kernel, imageRoot).path());
    if (target.path().equals(path.under(root).value())) {
      return; // by no link
    }
    try (Descriptor own = Descriptor.opened(kernel, trust.openByOwnLinks(imageRoot, path))) {
      if (!own.status().sameFileAs(target.status())) {
        throw new MountException(
            path
                + " in the image changed during the mount: stop the process that modifies the"
                + " image, then repeat");
      }
    } catch (UntrustedException e) {
      throw new MountException("the mount point " + path + " in the image: " + e.getMessage(), e);
    }
  }

  private Attached attach(MountSelection.Mount mount, Descriptor target) throws IOException {
    return mount
        .step()
        .accept(
            new MountStep.Visitor<Attached, IOException>() {
              @Override
              public Attached bind(BindMount bind) throws IOException {
                return attachBind(bind, target);
              }

              @Override
              public Attached tmpfs(TmpfsMount tmpfs) throws IOException {
                return attachTmpfs(tmpfs, target);
              }
            });
  }

  /** The kernel's EINVAL or ENOTDIR does not say that it is the kinds of file that differ. */
  private Attached attachBind(BindMount bind, Descriptor target) throws IOException {
    try {
      return method().bind(bind, target);
    } catch (KernelException e) {
      throw e.is(Errno.EINVAL) || e.is(Errno.ENOTDIR) ? explained(e, bind, target) : e;
    }
  }

  private KernelException explained(KernelException failure, BindMount bind, Descriptor target) {
    boolean ofDirectory;
    boolean onDirectory;
    try (Descriptor source =
        Descriptor.opened(
            kernel, kernel.openat(Kernel.AT_FDCWD, bind.source().value(), OpenFlags.O_PATH, 0))) {
      ofDirectory = source.status().isDirectory();
      onDirectory = target.status().isDirectory();
    } catch (KernelException unknown) {
      failure.addSuppressed(unknown);
      return failure;
    }
    return ofDirectory == onDirectory
        ? failure
        : failure.withHint(ofDirectory ? onFile(bind.target()) : onDirectory(bind));
  }

  private static String onFile(ImagePath target) {
    return "the source is a directory, "
        + target
        + " in the image is a file, or below a file: use another mount point";
  }

  private static String onDirectory(BindMount bind) {
    return bind.source()
        + " is a file, "
        + bind.target()
        + " in the image is a directory: use a mount point of the same type, or one that does not"
        + " exist";
  }

  /** Returns the failure of a mount whose source and place are a directory and something else. */
  static KernelException otherType(MountSelection.Mount mount) {
    ImagePath target = mount.step().target();
    Errno errno = mount.ofDirectory() ? Errno.ENOTDIR : Errno.EINVAL;
    String hint =
        mount.step() instanceof BindMount bind && !mount.ofDirectory()
            ? onDirectory(bind)
            : onFile(target);
    return new KernelException("mount", "target=" + target, errno.number()).withHint(hint);
  }

  private BindMethod method() {
    BindMethod chosen = method;
    if (chosen == null) {
      if (!TreeBind.works(kernel)) {
        // Not for good: it may have been for want of a descriptor.
        return new ClassicBind(kernel, resolver);
      }
      chosen = new TreeBind(kernel);
      method = chosen;
    }
    return chosen;
  }

  private Attached attachTmpfs(TmpfsMount step, Descriptor target) throws IOException {
    long flags = MountFlags.MS_NOSUID | MountFlags.MS_NODEV;
    kernel.mount(TMPFS, target.link(), TMPFS, flags, step.data().isEmpty() ? null : step.data());
    return newMount.on(target, Descriptor::status);
  }

  private void verify(int imageRoot, MountSelection.Mount mount, Attached attached)
      throws IOException {
    FileStatus made = attached.mount().status();
    try (Descriptor again = resolver.inImage(imageRoot, mount.step().target(), 0)) {
      FileStatus seen = again.status();
      if (seen.mountId() != made.mountId() || !seen.sameFileAs(attached.source())) {
        throw new MountException(
            "mounted "
                + mount.step()
                + ", but "
                + mount.step().target()
                + " in the image changed during the mount: stop the process that modifies the"
                + " image, then repeat");
      }
    }
  }

  /**
   * Detaches a mount that was made here, and all that is mounted on it by now. It is held by its
   * descriptor: its path may lead elsewhere by now.
   *
   * @param cause the failure because of which it has to go; one to do so is suppressed in it
   */
  void detach(Attached made, Throwable cause) {
    try {
      newMount.detach(made.mount());
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
