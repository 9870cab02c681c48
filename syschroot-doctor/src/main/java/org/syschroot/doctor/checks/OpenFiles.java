// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.List;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.Finding;
import org.syschroot.doctor.TreeSurvey;

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
                  "every user can remove and replace the files of others there: "
                      + survey.openDirectories().count()
                      + " directories")
              .cause("everybody may write to them, and they have not the sticky bit")
              .remedy("chmod +t DIRECTORY, or chmod o-w DIRECTORY")
              .paths(survey.openDirectories().first())
              .build());
    }
    if (!survey.openFiles().first().isEmpty()) {
      findings.add(
          Finding.warning("file-open-to-all")
              .effect(
                  "every user can change what others use: " + survey.openFiles().count() + " files")
              .cause("everybody may write to them")
              .remedy("chmod o-w FILE")
              .paths(survey.openFiles().first())
              .build());
    }
    return findings;
  }
}
