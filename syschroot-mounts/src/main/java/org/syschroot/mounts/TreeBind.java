// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.util.Map;
import java.util.Objects;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.MountFlags;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.path.OsString;

/**
 * Binds with open_tree(2), mount_setattr(2) and move_mount(2): the tree is copied, given its
 * attributes while nobody sees it, and attached in one step. Needs Linux 5.12. Thread-safe.
 */
final class TreeBind implements BindMethod {
  private static final OsString EMPTY = OsString.of("");
  private static final Map<MountOption, Long> ATTRIBUTES =
      Map.of(
          MountOption.READ_ONLY, MountFlags.MOUNT_ATTR_RDONLY,
          MountOption.NOSUID, MountFlags.MOUNT_ATTR_NOSUID,
          MountOption.NODEV, MountFlags.MOUNT_ATTR_NODEV,
          MountOption.NOEXEC, MountFlags.MOUNT_ATTR_NOEXEC);

  private final Kernel kernel;

  TreeBind(Kernel kernel) {
    this.kernel = kernel;
  }

  /** Returns whether the kernel has these calls and lets us make them, by making them once. */
  static boolean works(Kernel kernel) {
    int clone = MountFlags.OPEN_TREE_CLONE;
    try (Descriptor tree =
        Descriptor.opened(kernel, kernel.openTree(Kernel.AT_FDCWD, OsString.of("/"), clone))) {
      kernel.mountSetattr(tree.number(), EMPTY, MountFlags.AT_EMPTY_PATH, 0, MountFlags.MS_PRIVATE);
      return true;
    } catch (KernelException missingOrForbidden) {
      // If the right to mount is missing, mount(2) will say so.
      return false;
    }
  }

  @Override
  public Attached bind(BindMount step, Descriptor target) throws KernelException {
    int recursive = step.recursive() ? MountFlags.AT_RECURSIVE : 0;
    Descriptor tree =
        Descriptor.opened(
            kernel,
            kernel.openTree(
                Kernel.AT_FDCWD, step.source().value(), MountFlags.OPEN_TREE_CLONE | recursive));
    // Whatever fails, a full heap too, the tree is closed here or belongs to what is returned.
    boolean attached = false;
    try {
      kernel.mountSetattr(
          tree.number(),
          EMPTY,
          MountFlags.AT_EMPTY_PATH | recursive,
          attributes(step),
          Objects.requireNonNull(PROPAGATIONS.get(step.propagation())));
      Attached mount = new Attached(tree, tree.status());
      kernel.moveMount(tree.number(), target.number());
      attached = true;
      return mount;
    } finally {
      if (!attached) {
        tree.close();
      }
    }
  }

  private static long attributes(BindMount step) {
    long attributes = 0;
    for (MountOption option : step.options()) {
      attributes |= ATTRIBUTES.getOrDefault(option, 0L);
    }
    return attributes;
  }
}
