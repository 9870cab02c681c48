// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.ByteText;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.host.SharedMounts;
import org.syschroot.image.SharedItem;
import org.syschroot.mountplan.BindMount;
import org.syschroot.mountplan.MountSelection;

/**
 * Files of the host that are mounted in the image although programs replace them, and files that
 * are mounted where a symbolic link is, so that another file is covered.
 */
final class MountedFiles implements Check {
  private static final Map<String, SharedItem> REPLACED =
      Map.ofEntries(
          Map.entry("/etc/passwd", SharedItem.ACCOUNTS),
          Map.entry("/etc/group", SharedItem.ACCOUNTS),
          Map.entry("/etc/shadow", SharedItem.PASSWORDS),
          Map.entry("/etc/gshadow", SharedItem.PASSWORDS),
          Map.entry("/etc/hosts", SharedItem.HOSTS),
          Map.entry("/etc/resolv.conf", SharedItem.RESOLVER),
          Map.entry("/etc/localtime", SharedItem.TIMEZONE),
          Map.entry("/etc/timezone", SharedItem.TIMEZONE),
          Map.entry("/etc/machine-id", SharedItem.MACHINE_ID),
          Map.entry("/etc/cups/client.conf", SharedItem.PRINTERS));

  @Override
  public List<Finding> examine(Examination examination) {
    List<Finding> findings = new ArrayList<>();
    List<String> replaced = new ArrayList<>();
    for (MountSelection.Mount mount : examination.mounts().mounts()) {
      if (mount.ofDirectory()
          || !(mount.step() instanceof BindMount bind)
          || bind.source().startsWith(SharedMounts.RUN)) {
        continue;
      }
      String target = ByteText.of(bind.target().value());
      if (REPLACED.containsKey(target)) {
        replaced.add(target);
      }
      Optional<String> link = examination.tree().linkText(target);
      if (link.isPresent() && examination.tree().find(target).isPresent()) {
        findings.add(
            Finding.warning("mount-covers-another-file")
                .effect(
                    "the mount on "
                        + target
                        + " covers "
                        + examination.tree().find(target).get().path()
                        + " of the image, which other programs use by that pathname")
                .cause(target + " in the image is a symbolic link to " + link.get())
                .remedy(
                    REPLACED.containsKey(target)
                        ? instead(examination, List.of(target))
                        : "replace the symbolic link by an empty file: rm "
                            + examination.tree().shown(target)
                            + "; touch "
                            + examination.tree().shown(target))
                .path(examination.tree().shown(target))
                .build());
      }
    }
    if (!replaced.isEmpty()) {
      findings.add(
          Finding.warning("mount-of-replaced-file")
              .effect(
                  "package installations and useradd in the image fail: Device or resource busy"
                      + " (EBUSY); changes on the host are not seen until the next mount")
              .cause(
                  "programs replace these files to change them, and a mounted file cannot be"
                      + " replaced")
              .remedy(instead(examination, replaced))
              .paths(replaced.stream().map(examination.tree()::shown).toList())
              .build());
    }
    return findings;
  }

  private static String instead(Examination examination, List<String> targets) {
    List<String> names =
        targets.stream().map(REPLACED::get).distinct().map(item -> "\"" + item + "\"").toList();
    return "syschroot umount "
        + examination.image().name()
        + "; remove "
        + String.join(", ", targets)
        + " from mounts; add "
        + String.join(", ", names)
        + " to consistent; syschroot mount "
        + examination.image().name();
  }
}
