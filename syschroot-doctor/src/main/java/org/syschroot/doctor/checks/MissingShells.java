// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.path.ImagePath;

/** Shells that the image does not have: /bin/sh, the configured one, the login shells of users. */
final class MissingShells implements Check {
  @Override
  public List<Finding> examine(Examination examination) {
    List<Finding> findings = new ArrayList<>();
    SystemFiles inside = examination.inside();
    if (!hasProgram(inside, "/bin/sh")) {
      findings.add(
          Finding.error("shell-missing")
              .effect("shell scripts, system(3) and image launchers with a command fail")
              .cause("the image has no program /bin/sh")
              .remedy("install a shell in the image, as its distribution does")
              .path(examination.tree().shown("/bin/sh"))
              .build());
    }
    String configured = examination.image().shell().map(ImagePath::toString).orElse("");
    if (!configured.isEmpty() && !configured.equals("/bin/sh") && !hasProgram(inside, configured)) {
      findings.add(
          Finding.error("configured-shell-missing")
              .effect("\"syschroot run\" without a command fails (exit status 127)")
              .cause(
                  "the configuration of the image has shell = \""
                      + configured
                      + "\", and the image has no such program")
              .remedy("install it in the image, or name another shell")
              .path(examination.tree().shown(configured))
              .build());
    }
    Set<String> missing = new TreeSet<>();
    for (PasswdFile.Account account : LoginAccounts.of(examination.host()).accounts()) {
      String shell = account.shell();
      boolean isShell =
          shell.startsWith("/") && !shell.endsWith("/nologin") && !shell.endsWith("/false");
      if (isShell && !hasProgram(inside, shell)) {
        missing.add(shell);
      }
    }
    if (!missing.isEmpty()) {
      findings.add(
          Finding.warning("login-shell-missing")
              .effect(
                  "scripts that begin with #!SHELL do not run, and programs that start $SHELL"
                      + " fail, for users of "
                      + String.join(", ", missing))
              .cause("accounts of the host have login shells that the image does not have")
              .remedy("install them in the image")
              .paths(missing.stream().map(examination.tree()::shown).toList())
              .build());
    }
    return findings;
  }

  private static boolean hasProgram(SystemFiles files, String path) {
    return files.find(path).filter(SystemFile::isProgram).isPresent();
  }
}
