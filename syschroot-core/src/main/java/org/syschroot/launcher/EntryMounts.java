// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.launcher;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Errno;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStep;
import org.syschroot.mountplan.TmpfsMount;
import org.syschroot.path.HostPath;
import org.syschroot.path.ImagePath;
import org.syschroot.path.OsString;
import org.syschroot.path.UntrustedException;
import org.syschroot.trust.TrustedPath;

/**
 * What a launcher may mount whose caller is an ordinary user and whose privilege is real. The
 * caller must not be able to choose by what means programs of the image with a privilege are
 * deceived: neither what is mounted, nor where. Immutable.
 */
final class EntryMounts {
  private static final int ROOT = 0;
  private static final OsString LINKS = OsString.of("/proc/thread-self/fd/");

  private final Kernel kernel;
  private final HostPath root;
  private final TrustedPath trust;

  EntryMounts(Kernel kernel, HostPath root) {
    this.kernel = kernel;
    this.root = root;
    this.trust = TrustedPath.forUser(kernel, ROOT).withoutSharedDirectories();
  }

  /** Returns mounts with places that need no symbolic link. */
  List<MountSelection.Mount> trusted(List<MountSelection.Mount> mounts)
      throws KernelException, UntrustedException {
    List<MountSelection.Mount> trusted = new ArrayList<>();
    int directory = kernel.openat(Kernel.AT_FDCWD, root.value(), OpenFlags.O_PATH, 0);
    try {
      for (MountSelection.Mount mount : mounts) {
        if (mount.step() instanceof BindMount bind) {
          // The source itself may be anybody's: /tmp, a home directory.
          kernel.close(trust.openOfAnybody(bind.source()));
        }
        ImagePath place = place(directory, mount.step().target());
        trusted.add(new MountSelection.Mount(at(mount.step(), place), mount.ofDirectory()));
      }
    } finally {
      kernel.close(directory);
    }
    return trusted;
  }

  private static MountStep at(MountStep step, ImagePath place) {
    return step instanceof BindMount bind
        ? bind.at(place)
        : new TmpfsMount(place, ((TmpfsMount) step).data());
  }

  private ImagePath place(int directory, ImagePath target)
      throws KernelException, UntrustedException {
    int fd;
    try {
      fd = trust.openByOwnLinks(directory, target);
    } catch (UntrustedException e) {
      throw new UntrustedException(
          "the mount point " + target + " in the image: " + e.getMessage());
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        // Of another mount of the plan, or beneath the tree.
        ImagePath parent = parent(target);
        return parent.isRoot()
            ? target
            : place(directory, parent).resolve(target.names().get(target.names().size() - 1));
      }
      throw e;
    }
    try {
      OsString top = path(directory);
      OsString found = path(fd);
      return found.startsWith(top) && found.length() > top.length()
          ? ImagePath.of(found.slice(top.length(), found.length()))
          : target;
    } finally {
      kernel.close(fd);
    }
  }

  private static ImagePath parent(ImagePath path) {
    ImagePath parent = ImagePath.ROOT;
    for (OsString name : path.names().subList(0, path.names().size() - 1)) {
      parent = parent.resolve(name);
    }
    return parent;
  }

  private OsString path(int fd) throws KernelException {
    return kernel.readlinkat(Kernel.AT_FDCWD, LINKS.plus(OsString.of(Integer.toString(fd))));
  }
}
