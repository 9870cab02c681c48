// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.MountFlags;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountOption;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.PathResolver;
import org.syschroot.mounts.table.MountEntry;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.OsString;

/**
 * Binds with mount(2), through the links of descriptors in {@code /proc}: for kernels before Linux
 * 5.12. The mount is seen for a moment before it has its propagation and restrictions, which are
 * given to each mount beneath on its own, since a bind mount ignores them when it is made.
 * Thread-safe.
 */
final class ClassicBind implements BindMethod {
  private static final Map<MountOption, Long> FLAGS =
      Map.of(
          MountOption.READ_ONLY, MountFlags.MS_RDONLY,
          MountOption.NOSUID, MountFlags.MS_NOSUID,
          MountOption.NODEV, MountFlags.MS_NODEV,
          MountOption.NOEXEC, MountFlags.MS_NOEXEC);

  private final Kernel kernel;
  private final PathResolver resolver;
  private final NewMount newMount;

  ClassicBind(Kernel kernel, PathResolver resolver) {
    this.kernel = kernel;
    this.resolver = resolver;
    this.newMount = new NewMount(kernel);
  }

  @Override
  public Attached bind(BindMount step, Descriptor target) throws IOException {
    long recursive = step.recursive() ? MountFlags.MS_REC : 0;
    OsString path = step.source().value();
    try (Descriptor source =
        Descriptor.opened(kernel, kernel.openat(Kernel.AT_FDCWD, path, OpenFlags.O_PATH, 0))) {
      FileStatus status = source.status();
      kernel.mount(source.link(), target.link(), null, MountFlags.MS_BIND | recursive, null);
      return newMount.on(
          target,
          mount -> {
            setUp(step, recursive, mount);
            return status;
          });
    }
  }

  private void setUp(BindMount step, long recursive, Descriptor mount) throws IOException {
    long propagation = Objects.requireNonNull(PROPAGATIONS.get(step.propagation()));
    kernel.mount(null, mount.link(), null, propagation | recursive, null);
    long flags = step.options().stream().mapToLong(o -> FLAGS.getOrDefault(o, 0L)).sum();
    if (flags != 0) {
      restrict(mount, flags, step.recursive());
    }
  }

  private void restrict(Descriptor top, long flags, boolean recursive) throws IOException {
    MountTable table = MountTable.read(kernel);
    long id = top.status().mountId();
    MountEntry entry = table.byId(id).orElseThrow(() -> MountException.notInTable(id));
    for (MountEntry each : recursive ? table.tree(entry) : List.of(entry)) {
      if (each.equals(entry)) {
        AddedRestrictions.to(kernel, top, each, flags);
      } else {
        restrictBeneath(each, flags);
      }
    }
  }

  private void restrictBeneath(MountEntry entry, long flags) throws IOException {
    try (Descriptor mount = MountedDescriptor.open(resolver, entry)) {
      AddedRestrictions.to(kernel, mount, entry, flags);
    }
  }
}
