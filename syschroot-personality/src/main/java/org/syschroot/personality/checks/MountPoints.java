// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.checks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.OpenFlags;
import org.syschroot.mount.MountSelection;
import org.syschroot.mount.MountStep;
import org.syschroot.personality.doctor.Check;
import org.syschroot.personality.doctor.Examination;
import org.syschroot.personality.doctor.Finding;
import org.syschroot.personality.files.ByteText;
import org.syschroot.personality.files.SystemFiles;

/**
 * Mount points that the image does not have and that cannot be made: on a read-only file system, or
 * on a mount of the native system, where they would be made natively.
 */
final class MountPoints implements Check {
  private static final long ST_RDONLY = 1;

  @Override
  public List<Finding> examine(Examination examination) throws IOException {
    List<String> readOnly = new ArrayList<>();
    List<String> onMounts = new ArrayList<>();
    boolean isReadOnly = isReadOnly(examination);
    List<MountStep> before = new ArrayList<>();
    for (MountSelection.Mount mount : examination.mounts().mounts()) {
      SystemFiles files = examination.withMounts(before);
      String target = ByteText.of(mount.step().target().value());
      if (files.find(target).isEmpty()) {
        if (files.isMounted(target)) {
          onMounts.add(files.shown(target));
        } else if (isReadOnly) {
          readOnly.add(files.shown(target));
        }
      }
      before.add(mount.step());
    }
    List<Finding> findings = new ArrayList<>();
    if (!readOnly.isEmpty()) {
      findings.add(
          finding()
              .cause("mount points are missing, and the image is on a read-only file system")
              .remedy("make them where the image can be written to, or leave out these mounts")
              .paths(readOnly)
              .build());
    }
    if (!onMounts.isEmpty()) {
      findings.add(
          finding()
              .cause(
                  "mount points are missing on what is mounted there before, which is the native"
                      + " system's")
              .remedy("make them there, or leave out these mounts")
              .paths(onMounts)
              .build());
    }
    return findings;
  }

  private static Finding.Builder finding() {
    return Finding.error("mount-point-missing")
        .effect(
            "the image cannot be entered, since not all of its mounts can be made (exit status"
                + " 125)");
  }

  private static boolean isReadOnly(Examination examination) throws IOException {
    Kernel kernel = examination.kernel();
    int root =
        kernel.openat(
            Kernel.AT_FDCWD,
            examination.image().root().value(),
            OpenFlags.O_PATH | OpenFlags.O_DIRECTORY,
            0);
    try {
      return (kernel.mountFlags(root) & ST_RDONLY) != 0;
    } finally {
      kernel.close(root);
    }
  }
}
