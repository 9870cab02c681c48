// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.Finding;
import org.syschroot.doctor.glibc.Glibc;
import org.syschroot.doctor.glibc.GlibcFlaw;

/** Known flaws of the image's C library, such as CVE-2010-3847, by version and release. */
final class GlibcFlaws implements Check {
  @Override
  public List<Finding> examine(Examination examination) {
    Optional<Glibc> libc = examination.binaries().libc();
    List<Finding> findings = new ArrayList<>();
    if (libc.isPresent()) {
      List<GlibcFlaw> certain = GlibcFlaw.of(libc.get(), GlibcFlaw.Verdict.AFFECTED);
      List<GlibcFlaw> possible = GlibcFlaw.of(libc.get(), GlibcFlaw.Verdict.PERHAPS);
      if (!certain.isEmpty()) {
        findings.add(
            finding("glibc-flaw", libc.get(), certain)
                .remedy(
                    "install the newest libc6 of the release in the image; if there is none, set"
                        + " no-new-privileges = true and let nobody in who is not trusted")
                .build());
      }
      if (!possible.isEmpty()) {
        findings.add(
            finding("glibc-flaw-possible", libc.get(), possible)
                .remedy(
                    "ask the distribution whether its package has it mended (rpm -q --changelog"
                        + " glibc); if not, set no-new-privileges = true and let nobody in who is"
                        + " not trusted")
                .build());
      }
    }
    return findings;
  }

  private static Finding.Builder finding(String id, Glibc libc, List<GlibcFlaw> flaws) {
    List<String> descriptions =
        flaws.stream().map(flaw -> flaw.cve() + " (" + flaw.description() + ")").toList();
    return Finding.warning(id)
        .effect(
            "the image's set-user-ID programs, or programs that talk to the network, can be"
                + " misused: "
                + String.join(", ", descriptions))
        .cause(
            "its C library is glibc "
                + libc.shownVersion()
                + (id.endsWith("possible")
                    ? ", a release that had these flaws when it came out"
                    : ", in which they are not mended"))
        .path(libc.file().shown());
  }
}
