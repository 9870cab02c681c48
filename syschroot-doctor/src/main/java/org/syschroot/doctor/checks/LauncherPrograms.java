// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.image.Launchers;

/**
 * Programs of configured launchers that the image does not have, and their links in it: a script
 * with #!/bin4/sh that is started inside needs a /bin4/sh there.
 */
final class LauncherPrograms implements Check {
  @Override
  public List<Finding> examine(Examination examination) {
    Optional<Launchers> launchers = examination.image().launchers();
    if (launchers.isEmpty()) {
      return List.of();
    }
    SystemFiles inside = examination.inside();
    List<String> programs = new ArrayList<>();
    List<String> links = new ArrayList<>();
    for (String name : launchers.get().names()) {
      if (name.equals(examination.image().name().value())) {
        continue;
      }
      if (!hasProgram(inside, "/bin/" + name) && !hasProgram(inside, "/usr/bin/" + name)) {
        programs.add(inside.shown("/bin/" + name));
      }
      String link = launchers.get().directory().resolve(name).toString();
      if (!hasProgram(inside, link)) {
        links.add(inside.shown(link));
      }
    }
    List<Finding> findings = new ArrayList<>();
    if (!programs.isEmpty()) {
      findings.add(
          Finding.error("launcher-program-missing")
              .effect("launchers of the image fail with exit status 127, or cannot be created")
              .cause("[launchers] names programs that the image does not have")
              .remedy("install the programs in the image, or remove the names from [launchers]")
              .paths(programs)
              .build());
    }
    if (!links.isEmpty()) {
      findings.add(
          Finding.warning("launcher-link-missing")
              .effect(
                  "a script that begins with #!"
                      + launchers.get().directory()
                      + "/NAME does not run in the image")
              .cause("the image has no program with that pathname")
              .remedy("syschroot link " + examination.image().name())
              .paths(links)
              .build());
    }
    return findings;
  }

  private static boolean hasProgram(SystemFiles files, String path) {
    return files.find(path).filter(SystemFile::isProgram).isPresent();
  }
}
