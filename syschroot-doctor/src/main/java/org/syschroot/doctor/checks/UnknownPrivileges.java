// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.PrivilegedFiles;
import org.syschroot.doctor.TreeSurvey;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.finding.Severity;

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
              .effect("there may be more set-user-ID programs and world-writable files")
              .cause(
                  survey.leftOut().values().iterator().next()
                      + "; "
                      + survey.files()
                      + " files were checked")
              .remedy(
                  "search for them: find ROOT -xdev -perm /6002 -not -type l; or allow more time:"
                      + " syschroot doctor --time-limit SECONDS")
              .paths(List.copyOf(survey.leftOut().keySet()))
              .build());
    }
    if (files.packaged().isEmpty() && !files.files().isEmpty()) {
      findings.add(
          Finding.notice("privileged-files-unchecked")
              .effect(
                  "could not check whether the "
                      + files.files().size()
                      + " set-user-ID, set-group-ID and file-capability programs of"
                      + " the image belong to its distribution")
              .cause(files.packages().obstacle().cause())
              .remedy(files.packages().obstacle().remedy())
              .paths(
                  files.files().keySet().stream().sorted().map(examination.tree()::shown).toList())
              .build());
    }
    List<String> unknown = files.unknown();
    if (!unknown.isEmpty()) {
      boolean powerless = examination.isWithoutPrivileges();
      findings.add(
          Finding.of(powerless ? Severity.NOTICE : Severity.WARNING, "privileged-file-unknown")
              .effect(
                  powerless
                      ? "none in commands of the image, because of no-new-privileges; started"
                          + " from the host they give a privilege"
                      : "users who execute them get the privileges of another user or group, or"
                          + " capabilities")
              .cause(
                  "no package of the image owns these set-user-ID, set-group-ID or"
                      + " file-capability programs")
              .remedy(
                  "find out who installed them, or remove the privilege: chmod ug-s FILE, setcap"
                      + " -r FILE")
              .paths(unknown.stream().map(examination.tree()::shown).toList())
              .build());
    }
    return findings;
  }
}
