// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.doctor.glibc.Glibc;
import org.syschroot.doctor.glibc.GlibcFlaw;
import org.syschroot.doctor.rpm.GlibcPackage;
import org.syschroot.doctor.rpm.RpmDatabase;
import org.syschroot.doctor.rpm.RpmException;

/** Known flaws of the image's C library, such as CVE-2010-3847, by version and release. */
final class GlibcFlaws implements Check {
  @Override
  public List<Finding> examine(Examination examination) throws IOException {
    Optional<Glibc> libc = examination.binaries().libc();
    List<Finding> findings = new ArrayList<>();
    if (libc.isPresent()) {
      List<GlibcFlaw> certain = of(libc.get(), GlibcFlaw.Verdict.AFFECTED, examination);
      List<GlibcFlaw> possible = of(libc.get(), GlibcFlaw.Verdict.PERHAPS, examination);
      if (!certain.isEmpty()) {
        findings.add(
            finding(
                    "glibc-flaw",
                    libc.get().shownVersion() + ", in which they are not fixed",
                    libc.get(),
                    certain)
                .remedy(
                    "install the newest libc6 of the release in the image; if none is newer, set"
                        + " no-new-privileges = true and limit users and groups to trusted"
                        + " accounts")
                .build());
      }
      if (!possible.isEmpty()) {
        addPossible(libc.get(), possible, examination.tree(), findings);
      }
    }
    return findings;
  }

  private static List<GlibcFlaw> of(
      Glibc libc, GlibcFlaw.Verdict verdict, Examination examination) {
    boolean powerless = examination.isWithoutPrivileges();
    return GlibcFlaw.of(libc, verdict).stream()
        .filter(flaw -> !(powerless && flaw.needsPrivilegedProgram()))
        .toList();
  }

  /** Other distributions than Debian name in the changelog of the package what they have mended. */
  private static void addPossible(
      Glibc libc, List<GlibcFlaw> flaws, SystemFiles tree, List<Finding> findings)
      throws IOException {
    Optional<GlibcPackage> installed = packaged(tree);
    List<GlibcFlaw> left =
        flaws.stream()
            .filter(flaw -> installed.isEmpty() || !installed.get().mended().contains(flaw.cve()))
            .toList();
    if (left.isEmpty()) {
      return;
    }
    String version =
        libc.shownVersion()
            + ", whose first release has these flaws"
            + installed
                .map(
                    each ->
                        "; the changelog of the package " + each.version() + " does not name them")
                .orElse("");
    findings.add(
        finding("glibc-flaw-possible", version, libc, left)
            .remedy(
                "check whether the package is fixed"
                    + (installed.isPresent() ? "" : " (rpm -q --changelog glibc)")
                    + "; if not, set no-new-privileges = true and limit users and groups to"
                    + " trusted accounts")
            .build());
  }

  private static Optional<GlibcPackage> packaged(SystemFiles tree) throws IOException {
    Optional<RpmDatabase> database = RpmDatabase.of(tree);
    try {
      return database.isPresent() ? database.get().glibc() : Optional.empty();
    } catch (RpmException e) {
      return Optional.empty(); // then it is not known, as where there is no database
    }
  }

  private static Finding.Builder finding(
      String id, String version, Glibc libc, List<GlibcFlaw> flaws) {
    List<String> descriptions =
        flaws.stream().map(flaw -> flaw.cve() + " (" + flaw.description() + ")").toList();
    return Finding.warning(id)
        .effect(
            "attackers can exploit set-user-ID programs or network programs of the image: "
                + String.join(", ", descriptions))
        .cause("its C library is glibc " + version)
        .path(libc.file().shown());
  }
}
