// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.syschroot.doctor.Binary;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.kernel.FileStatus;
import org.syschroot.kernel.KernelException;
import org.syschroot.path.UntrustedException;

/**
 * An image that others than root can change: its root with the directories above, and what every
 * program of it depends on.
 */
final class ImageTrust implements Check {
  private static final List<String> PLACES =
      List.of(
          "/",
          "/bin",
          "/sbin",
          "/lib",
          "/lib32",
          "/lib64",
          "/etc",
          "/usr",
          "/usr/bin",
          "/usr/sbin",
          "/usr/lib",
          "/usr/lib32",
          "/usr/lib64",
          "/usr/local",
          "/usr/local/bin",
          "/usr/local/sbin",
          "/usr/local/lib",
          "/etc/ld.so.cache",
          "/etc/ld.so.conf",
          "/etc/ld.so.preload",
          "/etc/passwd",
          "/etc/group",
          "/etc/shadow",
          "/etc/sudoers",
          "/etc/profile",
          "/etc/pam.d",
          "/bin/sh",
          "/bin/su");
  private static final int GROUP_WRITE = 020;
  private static final int OTHERS_WRITE = 02;

  @Override
  public List<Finding> examine(Examination examination) throws IOException {
    List<Finding> findings = new ArrayList<>();
    int owner = examination.facts().effectiveUid();
    try {
      examination
          .kernel()
          .close(
              examination
                  .image()
                  .trust(examination.kernel(), owner)
                  .open(examination.image().root()));
    } catch (UntrustedException e) {
      findings.add(
          Finding.error("image-root-untrusted")
              .effect(
                  "syschroot refuses to enter the image (exit status 125), because users other"
                      + " than root could replace it")
              .cause(String.valueOf(e.getMessage()))
              .remedy(
                  "move the image to a directory that only root can modify, and correct root in"
                      + " its configuration file")
              .path(examination.tree().shown("/"))
              .build());
    }
    List<String> byOthers = new ArrayList<>();
    List<String> byGroup = new ArrayList<>();
    for (SystemFile file : places(examination)) {
      FileStatus status = file.status();
      int mode = status.permissions();
      boolean isForeign =
          status.uid() != 0
              && status.uid() != owner
              && !examination.image().trustedOwners().contains(status.uid());
      if (isForeign
          || ((mode & OTHERS_WRITE) != 0 && !(status.isDirectory() && status.isSticky()))) {
        byOthers.add(file.shown());
      } else if ((mode & GROUP_WRITE) != 0 && status.gid() != 0) {
        byGroup.add(file.shown());
      }
    }
    if (!byOthers.isEmpty()) {
      findings.add(
          Finding.error("image-writable-by-others")
              .effect(
                  "users other than root can modify programs that everyone runs in the image,"
                      + " root included")
              .cause("these files belong to another user, or are writable by everyone")
              .remedy("chown root FILE, chmod o-w FILE")
              .paths(byOthers)
              .build());
    }
    if (!byGroup.isEmpty()) {
      findings.add(
          Finding.warning("image-writable-by-group")
              .effect(
                  "members of a group can modify programs that everyone runs in the image,"
                      + " root included")
              .cause("these files are writable by their group")
              .remedy("chmod g-w FILE, unless all members of the group are as trusted as root")
              .paths(byGroup)
              .build());
    }
    return findings;
  }

  private static Set<SystemFile> places(Examination examination) throws KernelException {
    SystemFiles tree = examination.tree();
    Set<SystemFile> places = new LinkedHashSet<>();
    PLACES.forEach(path -> tree.find(path).ifPresent(places::add));
    for (Optional<Binary> binary :
        List.of(examination.binaries().shell(), examination.binaries().loader())) {
      binary.flatMap(each -> tree.find(each.file().path())).ifPresent(places::add);
    }
    examination
        .binaries()
        .libc()
        .flatMap(libc -> tree.find(libc.file().path()))
        .ifPresent(places::add);
    return places;
  }
}
