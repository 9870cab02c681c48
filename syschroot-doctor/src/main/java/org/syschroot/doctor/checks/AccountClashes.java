// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.syschroot.accounts.AccountClash;
import org.syschroot.accounts.AccountFiles;
import org.syschroot.accounts.AccountMerge;
import org.syschroot.accounts.MergeRecord;
import org.syschroot.accounts.NativeAccounts;
import org.syschroot.accounts.PeopleRange;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.image.AccountSource;

/** Names and numbers that host and image have given to different users or groups. */
final class AccountClashes implements Check {
  private static final int MOST_NAMED = 8;

  @Override
  public List<Finding> examine(Examination examination) {
    List<AccountClash> clashes = of(examination);
    if (clashes.isEmpty()) {
      return List.of();
    }
    List<String> texts = clashes.stream().limit(MOST_NAMED).map(AccountClash::text).toList();
    return List.of(
        Finding.warning("account-clash")
            .effect("files seem to belong to the wrong user or group: " + String.join("; ", texts))
            .cause("host and image use the same name or number for different users or groups")
            .remedy(
                "give the image's user or group another number, with usermod -u or groupmod -g in"
                    + " the image, and chown its files")
            .path(
                examination
                    .inside()
                    .shown(clashes.get(0).ofGroups() ? "/etc/group" : "/etc/passwd"))
            .build());
  }

  /** Returns the clashes of an image whose accounts are merged. */
  static List<AccountClash> of(Examination examination) {
    boolean merged =
        examination.image().consistency().accounts().equals(Optional.of(AccountSource.MERGED));
    if (!merged) {
      return List.of();
    }
    NativeAccounts host =
        NativeAccounts.people(
            files(examination.host()), range(examination.host()), AccountFiles.NONE);
    return new ArrayList<>(
        AccountMerge.of(
                AccountMerge.Mode.MERGED,
                files(examination.inside()),
                MergeRecord.EMPTY,
                range(examination.inside()),
                host)
            .clashes());
  }

  private static AccountFiles files(SystemFiles system) {
    return AccountFiles.of(
        system.text("/etc/passwd").orElse(""), system.text("/etc/group").orElse(""));
  }

  private static PeopleRange range(SystemFiles system) {
    return PeopleRange.of(system.text("/etc/login.defs").orElse(""));
  }
}
