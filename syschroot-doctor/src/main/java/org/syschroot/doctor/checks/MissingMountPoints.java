// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.ByteText;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.mountplan.MountSelection;
import org.syschroot.mountplan.MountStep;
import org.syschroot.trust.ImageRemedies;

/**
 * Mount points that the image does not have and that cannot be made: on a mount of the native
 * system, where they would be made natively. On a read-only image they are made over it.
 */
final class MissingMountPoints implements Check {
  @Override
  public List<Finding> examine(Examination examination) throws IOException {
    Places places = new Places();
    List<MountStep> before = new ArrayList<>();
    for (MountSelection.Mount mount : examination.mounts().mounts()) {
      places.look(examination, examination.withMounts(before), mount);
      before.add(mount.step());
    }
    List<Finding> findings = new ArrayList<>();
    add(
        places.onMounts,
        "mount points are missing in a directory of the host that is mounted before them",
        "create them there, or remove these mounts from the settings",
        findings);
    add(
        places.leadNowhere,
        "a mount point, or a directory above it, is a dangling symbolic link in the image",
        ImageRemedies.LINK_TO_NOWHERE,
        findings);
    add(
        places.ofOtherKind,
        "source and mount point differ in type: one is a directory, the other a file",
        "move away the file or directory in the image, or use another mount point",
        findings);
    return findings;
  }

  private static void add(List<String> paths, String cause, String remedy, List<Finding> findings) {
    if (!paths.isEmpty()) {
      findings.add(finding().cause(cause).remedy(remedy).paths(paths).build());
    }
  }

  /** The mount points that are of no use, by the reason. */
  private static final class Places {
    final List<String> onMounts = new ArrayList<>();
    final List<String> leadNowhere = new ArrayList<>();
    final List<String> ofOtherKind = new ArrayList<>();

    void look(Examination examination, SystemFiles files, MountSelection.Mount mount) {
      String target = ByteText.of(mount.step().target().value());
      Optional<SystemFile> found = files.find(target);
      if (found.isPresent()) {
        if (found.get().status().isDirectory() != mount.ofDirectory()) {
          ofOtherKind.add(found.get().shown());
        }
      } else if (linkToNowhere(files, target).isPresent()) {
        leadNowhere.add(files.shown(linkToNowhere(files, target).get()));
      } else if (files.isMounted(target)) {
        if (!isInMemory(examination.host(), files, target)) {
          onMounts.add(files.shown(target));
        }
      }
    }

    private static Optional<String> linkToNowhere(SystemFiles files, String target) {
      for (int end = target.length(); end > 0; end = target.lastIndexOf('/', end - 1)) {
        String path = target.substring(0, end);
        if (files.find(path).isPresent()) {
          return Optional.empty();
        }
        if (files.findLink(path).isPresent()) {
          return Optional.of(path);
        }
      }
      return Optional.empty();
    }

    /** In a tmpfs(5) mount points are made, since nothing of it stays. */
    private static boolean isInMemory(SystemFiles host, SystemFiles files, String target) {
      Optional<String> place = files.hostPath(target);
      if (place.isEmpty()) {
        return true;
      }
      String type = "";
      int longest = 0;
      for (String line : host.text("/proc/thread-self/mounts").orElse("").split("\n")) {
        String[] words = line.split(" ");
        boolean isAbove =
            words.length > 2
                && (words[1].equals("/") || (place.get() + "/").startsWith(words[1] + "/"));
        if (isAbove && words[1].length() >= longest) {
          longest = words[1].length();
          type = words[2];
        }
      }
      return type.equals("tmpfs");
    }
  }

  private static Finding.Builder finding() {
    return Finding.error("mount-point-missing")
        .effect("the image cannot be entered, because some of its mounts fail (exit status 125)");
  }
}
