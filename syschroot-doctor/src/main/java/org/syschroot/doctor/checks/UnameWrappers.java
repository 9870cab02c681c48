// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.personality.wrapper.UnameWrapper;

/** Replacements of uname that an update of their package has overwritten, or that are broken. */
final class UnameWrappers implements Check {
  @Override
  public List<Finding> examine(Examination examination) throws IOException {
    if (!examination.binaries().are32Bit() || examination.tree().find("/bin/uname").isEmpty()) {
      return List.of();
    }
    List<Finding> findings = new ArrayList<>();
    try (UnameWrapper wrapper =
        UnameWrapper.open(
            examination.kernel(), examination.image(), examination.facts().effectiveUid())) {
      for (UnameWrapper.Status program : wrapper.status()) {
        add(examination, program, findings);
      }
    }
    return findings;
  }

  private static void add(
      Examination examination, UnameWrapper.Status program, List<Finding> findings) {
    String file = examination.tree().shown(program.program().toString());
    String again = "syschroot uname-wrapper --install " + examination.image().name();
    switch (program.state()) {
      case OVERWRITTEN ->
          findings.add(
              Finding.warning("uname-wrapper-overwritten")
                  .effect("uname -m prints x86_64 if the image is entered without its personality")
                  .cause("a package update has replaced the wrapper by the original")
                  .remedy(again)
                  .path(file)
                  .build());
      case OUTDATED ->
          findings.add(
              Finding.notice("uname-wrapper-outdated")
                  .effect("uname behaves as the wrapper of an earlier release")
                  .cause("the wrapper was installed by another release of syschroot")
                  .remedy(again)
                  .path(file)
                  .build());
      case BROKEN ->
          findings.add(
              Finding.error("uname-wrapper-broken")
                  .effect("uname and configure scripts fail in the image")
                  .cause("the wrapper is installed, but the original that it calls is missing")
                  .remedy("reinstall the package of uname (coreutils) in the image")
                  .path(file)
                  .build());
      case NO_PROGRAM, ABSENT, INSTALLED -> {}
    }
  }
}
