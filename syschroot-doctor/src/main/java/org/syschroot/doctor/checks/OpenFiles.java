// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.TreeSurvey;
import org.syschroot.doctor.finding.Finding;

/** Directories of the image that everybody may write to without the sticky bit, and such files. */
final class OpenFiles implements Check {
  @Override
  public List<Finding> examine(Examination examination) {
    TreeSurvey survey = examination.survey();
    List<Finding> findings = new ArrayList<>();
    if (!survey.openDirectories().first().isEmpty()) {
      findings.add(
          Finding.warning("directory-open-to-all")
              .effect(
                  "any user can delete and replace files of other users in these directories: "
                      + survey.openDirectories().count()
                      + " directories")
              .cause("they are writable by everyone and lack the sticky bit")
              .remedy("chmod +t DIRECTORY, or chmod o-w DIRECTORY")
              .paths(survey.openDirectories().first())
              .build());
    }
    if (!survey.openFiles().first().isEmpty()) {
      findings.add(
          Finding.warning("file-open-to-all")
              .effect(
                  "any user can modify files that others use: "
                      + survey.openFiles().count()
                      + ""
                      + " files")
              .cause("they are writable by everyone")
              .remedy("chmod o-w FILE")
              .paths(survey.openFiles().first())
              .build());
    }
    return findings;
  }
}
