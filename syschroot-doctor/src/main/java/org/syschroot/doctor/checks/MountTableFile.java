// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.List;
import java.util.Optional;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.Finding;
import org.syschroot.doctor.files.SystemFile;

/** An /etc/mtab that is a file of its own, or missing: the mounts are in /proc/self/mounts. */
final class MountTableFile implements Check {
  private static final String FILE = "/etc/mtab";

  @Override
  public List<Finding> examine(Examination examination) {
    Optional<SystemFile> link = examination.tree().findLink(FILE);
    boolean isWanted = examination.host().find(FILE).isPresent();
    if (!isWanted || examination.tree().find("/etc").isEmpty()) {
      return List.of();
    }
    if (link.isEmpty()) {
      return List.of(
          finding(examination, "mtab-missing")
              .effect(
                  "older programs that list the mounted file systems, such as df and quota, fail")
              .cause("the image has no /etc/mtab, the native system has")
              .build());
    }
    if (link.get().status().isSymbolicLink()) {
      return List.of();
    }
    return List.of(
        finding(examination, "mtab-outdated")
            .effect(
                "older programs that list the mounted file systems, such as df and quota, show"
                    + " those of another time")
            .cause("the image's /etc/mtab is a file of its own, which nobody writes any more")
            .build());
  }

  private static Finding.Builder finding(Examination examination, String id) {
    String file = examination.tree().shown(FILE);
    return Finding.warning(id).remedy("ln -sf ../proc/self/mounts " + file).path(file);
  }
}
