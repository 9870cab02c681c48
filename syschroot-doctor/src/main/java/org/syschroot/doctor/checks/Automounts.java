// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.ByteText;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountSelection;

/**
 * Directories of an automounter that are shown in the image, on a host whose mounts are private.
 */
final class Automounts implements Check {
  private static final int MOUNT_POINT = 4;
  private static final int OPTIONAL_FIELDS = 6;

  @Override
  public List<Finding> examine(Examination examination) {
    List<String> cutOff = new ArrayList<>();
    String table = examination.host().text("/proc/thread-self/mountinfo").orElse("");
    for (String line : table.split("\n")) {
      String[] halves = line.split(" - ", 2);
      String[] words = halves[0].split(" ");
      boolean isPrivate =
          halves.length == 2
              && halves[1].startsWith("autofs ")
              && words.length >= OPTIONAL_FIELDS
              && !halves[0].contains(" shared:");
      if (isPrivate && isShown(examination, words[MOUNT_POINT])) {
        cutOff.add(words[MOUNT_POINT]);
      }
    }
    if (cutOff.isEmpty()) {
      return List.of();
    }
    return List.of(
        Finding.warning("automounts-cut-off")
            .effect(
                "what the automounter mounts does not appear in the image: Too many levels of"
                    + " symbolic links (ELOOP)")
            .cause("the mounts of the host are private, so they do not propagate into the image")
            .remedy(
                "mount --make-rshared / early at boot, then syschroot umount "
                    + examination.image().name()
                    + " and syschroot mount "
                    + examination.image().name())
            .paths(cutOff)
            .build());
  }

  private static boolean isShown(Examination examination, String place) {
    for (MountSelection.Mount mount : examination.mounts().mounts()) {
      if (mount.step() instanceof BindMount bind) {
        String source = ByteText.of(bind.source().value());
        if ((place + "/").startsWith(source + "/") || (source + "/").startsWith(place + "/")) {
          return true;
        }
      }
    }
    return false;
  }
}
