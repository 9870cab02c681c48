// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.Finding;
import org.syschroot.doctor.PrivilegedFiles;
import org.syschroot.doctor.Severity;
import org.syschroot.doctor.TreeSurvey;

/** Set-user-ID, set-group-ID and file-capability programs that no package has brought. */
final class UnknownPrivileges implements Check {
  @Override
  public List<Finding> examine(Examination examination) {
    List<Finding> findings = new ArrayList<>();
    TreeSurvey survey = examination.survey();
    PrivilegedFiles files = examination.privilegedFiles();
    if (!survey.complete()) {
      findings.add(
          Finding.warning("image-partly-looked-at")
              .effect(
                  "set-user-ID programs and files that everybody can write to may be among those"
                      + " that were not looked at")
              .cause(
                  survey.leftOut().values().iterator().next()
                      + "; "
                      + survey.files()
                      + " files were looked at")
              .remedy(
                  "look yourself: find ROOT -xdev -perm /6002 -not -type l; or give it more time:"
                      + " syschroot doctor --time-limit SECONDS")
              .paths(List.copyOf(survey.leftOut().keySet()))
              .build());
    }
    if (files.packaged().isEmpty() && !files.files().isEmpty()) {
      findings.add(
          Finding.notice("privileged-files-unchecked")
              .effect(
                  "whether its "
                      + files.files().size()
                      + " set-user-ID, set-group-ID and file-capability programs are those of its"
                      + " distribution is not known")
              .cause(files.packages().obstacle().cause())
              .remedy(files.packages().obstacle().remedy())
              .paths(
                  files.files().keySet().stream().sorted().map(examination.tree()::shown).toList())
              .build());
    }
    List<String> unknown = files.unknown();
    if (!unknown.isEmpty()) {
      boolean powerless = examination.image().noNewPrivileges();
      findings.add(
          Finding.of(powerless ? Severity.NOTICE : Severity.WARNING, "privileged-file-unknown")
              .effect(
                  powerless
                      ? "nothing in a switch, because of no-new-privileges; on the native system"
                          + " they give a privilege"
                      : "whoever executes them gets the privilege of another user or group, or"
                          + " capabilities")
              .cause(
                  "they are set-user-ID, set-group-ID or have file capabilities, and no package"
                      + " of the image has brought them")
              .remedy(
                  "find out where they come from; else take the privilege away: chmod ug-s FILE,"
                      + " setcap -r FILE")
              .paths(unknown.stream().map(examination.tree()::shown).toList())
              .build());
    }
    return findings;
  }
}
