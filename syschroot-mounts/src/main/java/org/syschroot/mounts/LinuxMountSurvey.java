// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.mounts;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.KernelException;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mounting.MountSurvey;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStatus;
import org.syschroot.mounts.files.Descriptor;
import org.syschroot.mounts.files.PathResolver;
import org.syschroot.mounts.table.CurrentTable;
import org.syschroot.mounts.table.MountTable;
import org.syschroot.path.HostPath;

/** Looks at targets and mount table through a kernel. Thread-safe as far as its kernel is. */
final class LinuxMountSurvey implements MountSurvey {
  private final Kernel kernel;
  private final boolean repeated;

  /** Creates a survey that reads the mount table each time. */
  public LinuxMountSurvey(Kernel kernel) {
    this(kernel, false);
  }

  private LinuxMountSurvey(Kernel kernel, boolean repeated) {
    this.kernel = kernel;
    this.repeated = repeated;
  }

  /** Creates a survey for a process that asks often: the table is read when it has changed. */
  static LinuxMountSurvey repeated(Kernel kernel) {
    return new LinuxMountSurvey(kernel, true);
  }

  @Override
  public List<MountStatus> of(HostPath root, MountSelection selection) throws IOException {
    if (selection.mounts().isEmpty()) {
      return List.of();
    }
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    int opened;
    try {
      opened = kernel.openat(Kernel.AT_FDCWD, root.value(), flags, 0);
    } catch (KernelException unseen) {
      // To enter it will fail too, and say why.
      return MountSurvey.allMissing(root, selection);
    }
    try (Descriptor imageRoot = Descriptor.opened(kernel, opened)) {
      MountTable table = table();
      if (isBare(imageRoot, selection, table)) {
        return MountSurvey.allMissing(root, selection);
      }
      TargetSurvey survey =
          new TargetSurvey(kernel, new PathResolver(kernel), imageRoot.number(), table);
      List<MountStatus> all = new ArrayList<>();
      for (MountSelection.Mount mount : selection.mounts()) {
        all.add(survey.of(mount).status());
      }
      return List.copyOf(all);
    }
  }

  /** Whether no mount is beneath the root: then no target can be one, and none is looked at. */
  private static boolean isBare(Descriptor imageRoot, MountSelection selection, MountTable table)
      throws KernelException {
    for (MountSelection.Mount mount : selection.mounts()) {
      if (mount.step().target().isRoot()) {
        return false;
      }
    }
    return !table.hasAnyInside(HostPath.of(imageRoot.path()));
  }

  private MountTable table() throws IOException {
    return repeated ? CurrentTable.ofThisProcess().now() : MountTable.read(kernel);
  }
}
