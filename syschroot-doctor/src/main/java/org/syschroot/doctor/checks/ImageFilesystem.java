// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.kernel.Kernel;
import org.syschroot.kernel.OpenFlags;

/** An image on a filesystem from which nothing runs, or on which su and sudo have no effect. */
final class ImageFilesystem implements Check {
  private static final long ST_NOSUID = 2;
  private static final long ST_NOEXEC = 8;

  @Override
  public List<Finding> examine(Examination examination) throws IOException {
    long flags = flags(examination);
    String root = examination.image().root().toString();
    List<Finding> findings = new ArrayList<>();
    if ((flags & ST_NOEXEC) != 0) {
      findings.add(
          Finding.error("image-noexec")
              .effect("no program of the image runs: Permission denied (EACCES), exit status 126")
              .cause("the image is on a filesystem that is mounted with the option noexec")
              .remedy("mount -o remount,exec " + mountOf(examination, root))
              .path(root)
              .build());
    }
    boolean unprivileged = (flags & ST_NOSUID) != 0 && !examination.isWithoutPrivileges();
    if (unprivileged && !SwitchUser.programs(examination).isEmpty()) {
      findings.add(
          Finding.warning("image-nosuid")
              .effect("su, sudo and other set-user-ID programs of the image have no effect")
              .cause("the image is on a filesystem that is mounted with the option nosuid")
              .remedy("mount -o remount,suid " + mountOf(examination, root))
              .path(root)
              .build());
    }
    return findings;
  }

  private static long flags(Examination examination) throws IOException {
    Kernel kernel = examination.kernel();
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    int root = kernel.openat(Kernel.AT_FDCWD, examination.image().root().value(), flags, 0);
    try {
      return kernel.fstatfs(root).flags();
    } finally {
      kernel.close(root);
    }
  }

  private static String mountOf(Examination examination, String root) {
    String longest = "/";
    for (String line : examination.host().text("/proc/thread-self/mounts").orElse("").split("\n")) {
      String[] words = line.split(" ");
      if (words.length > 1
          && (root + "/").startsWith(words[1] + "/")
          && words[1].length() >= longest.length()) {
        longest = words[1];
      }
    }
    return longest;
  }
}
