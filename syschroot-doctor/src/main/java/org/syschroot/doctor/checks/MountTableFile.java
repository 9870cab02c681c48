// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.List;
import java.util.Optional;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.finding.Severity;
import org.syschroot.doctor.glibc.GlibcVersion;

/** An /etc/mtab that is a file of its own, or missing: the mounts are in /proc/self/mounts. */
final class MountTableFile implements Check {
  private static final String FILE = "/etc/mtab";
  // Since coreutils 8.23, of the same year, df reads /proc/self/mountinfo.
  private static final GlibcVersion OF_2014 = new GlibcVersion(2, 19);

  @Override
  public List<Finding> examine(Examination examination) {
    Optional<SystemFile> link = examination.tree().findLink(FILE);
    boolean isWanted = examination.host().find(FILE).isPresent();
    if (!isWanted || examination.tree().find("/etc").isEmpty()) {
      return List.of();
    }
    if (link.isEmpty()) {
      return List.of(
          finding(examination, severity(examination), "mtab-missing")
              .effect(
                  "older programs that list the mounted filesystems, such as df and quota, fail")
              .cause("the image has no /etc/mtab, but the host has one")
              .build());
    }
    if (link.get().status().isSymbolicLink()) {
      return List.of();
    }
    return List.of(
        finding(examination, Severity.WARNING, "mtab-outdated")
            .effect(
                "older programs that list the mounted filesystems, such as df and quota, show an"
                    + " outdated list")
            .cause("/etc/mtab of the image is a regular file that is no longer updated")
            .build());
  }

  /** Nothing of a newer system looks there. */
  private static Severity severity(Examination examination) {
    return examination
            .binaries()
            .libc()
            .filter(it -> it.version().compareTo(OF_2014) >= 0)
            .isPresent()
        ? Severity.NOTICE
        : Severity.WARNING;
  }

  private static Finding.Builder finding(Examination examination, Severity severity, String id) {
    String file = examination.tree().shown(FILE);
    return Finding.of(severity, id).remedy("ln -sf ../proc/self/mounts " + file).path(file);
  }
}
