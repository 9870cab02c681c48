// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.List;
import java.util.Optional;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.SystemFile;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.image.AccountSource;
import org.syschroot.image.SharedItem;

/**
 * Users of the host who are known in the image, and whose passwords sudo does not know. Every
 * system has su, whether it is wanted or not, so that alone is no finding.
 */
final class SwitchUser implements Check {
  private static final int SET_USER_ID = 04000;
  private static final String SUDO = "/usr/bin/sudo";
  private static final List<String> PROGRAMS = List.of("/bin/su", "/usr/bin/su", SUDO);

  @Override
  public List<Finding> examine(Examination examination) {
    Optional<AccountSource> accounts = examination.image().consistency().accounts();
    boolean known = accounts.filter(source -> source != AccountSource.IMAGE).isPresent();
    List<SystemFile> programs = programs(examination, List.of(SUDO));
    if (!known
        || examination.isWithoutPrivileges()
        || examination.image().consistency().has(SharedItem.PASSWORDS)
        || programs.isEmpty()) {
      return List.of();
    }
    return List.of(
        Finding.notice("passwords-unknown")
            .effect("sudo and su accept no password of the host's users; su by root works")
            .cause("their passwords are not in the image's /etc/shadow")
            .follow(examination.image(), SharedItem.PASSWORDS)
            .paths(programs.stream().map(SystemFile::shown).toList())
            .build());
  }

  /** Returns those programs that would become root. */
  static List<SystemFile> programs(Examination examination) {
    return programs(examination, PROGRAMS);
  }

  private static List<SystemFile> programs(Examination examination, List<String> paths) {
    return paths.stream()
        .flatMap(path -> examination.inside().find(path).stream())
        .filter(file -> file.isProgram() && (file.status().permissions() & SET_USER_ID) != 0)
        .distinct()
        .toList();
  }
}
