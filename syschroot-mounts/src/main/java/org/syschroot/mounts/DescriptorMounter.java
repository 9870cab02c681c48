// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
import org.syschroot.mount.BindMount;
import org.syschroot.mount.MountOption;
import org.syschroot.mount.MountSelection;
import org.syschroot.mount.Mounter;
import org.syschroot.mount.Propagation;
import org.syschroot.mount.TmpfsMount;
import org.syschroot.path.OsString;

/**
 * Mounts by descriptor with open_tree(2), mount_setattr(2) and move_mount(2): the tree is copied,
 * given its attributes while nobody sees it, and attached in one step. Needs Linux 5.12.
 * Thread-safe as far as its kernel is.
 */
public final class DescriptorMounter implements Mounter {
  private static final OsString EMPTY = OsString.of("");

  private final Kernel kernel;

  /** Creates a mounter that makes its calls on {@code kernel}. */
  public DescriptorMounter(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public void mount(int imageRoot, MountSelection.Mount mount) throws KernelException {
    int target = new MountPoint(kernel, imageRoot).open(mount.step().target(), mount.ofDirectory());
    try {
      if (mount.step() instanceof TmpfsMount) {
        mountTmpfs((TmpfsMount) mount.step(), target);
      } else {
        bind((BindMount) mount.step(), target);
      }
    } finally {
      kernel.close(target);
    }
  }

  private void mountTmpfs(TmpfsMount step, int target) throws KernelException {
    OsString type = OsString.of("tmpfs");
    kernel.mount(
        type,
        OsString.of("/proc/thread-self/fd/" + target),
        type,
        MountFlags.MS_NOSUID | MountFlags.MS_NODEV,
        step.data().isEmpty() ? null : step.data());
  }

  private void bind(BindMount step, int target) throws KernelException {
    int recursive = step.recursive() ? MountFlags.AT_RECURSIVE : 0;
    int tree =
        kernel.openTree(
            Kernel.AT_FDCWD, step.source().value(), MountFlags.OPEN_TREE_CLONE | recursive);
    try {
      kernel.mountSetattr(
          tree,
          EMPTY,
          MountFlags.AT_EMPTY_PATH | recursive,
          attributes(step),
          propagation(step.propagation()));
      kernel.moveMount(tree, target);
    } finally {
      kernel.close(tree);
    }
  }

  private static long attributes(BindMount step) {
    long attributes = 0;
    for (MountOption option : step.options()) {
      switch (option) {
        case READ_ONLY:
          attributes |= MountFlags.MOUNT_ATTR_RDONLY;
          break;
        case NOSUID:
          attributes |= MountFlags.MOUNT_ATTR_NOSUID;
          break;
        case NODEV:
          attributes |= MountFlags.MOUNT_ATTR_NODEV;
          break;
        case NOEXEC:
          attributes |= MountFlags.MOUNT_ATTR_NOEXEC;
          break;
        default:
          break;
      }
    }
    return attributes;
  }

  private static long propagation(Propagation propagation) {
    switch (propagation) {
      case PRIVATE:
        return MountFlags.MS_PRIVATE;
      case SHARED:
        return MountFlags.MS_SHARED;
      default:
        return MountFlags.MS_SLAVE;
    }
  }
}
