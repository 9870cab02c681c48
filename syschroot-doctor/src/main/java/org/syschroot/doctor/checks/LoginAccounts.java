// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.syschroot.doctor.files.SystemFiles;

/**
 * The accounts of a system that belong to people, and their groups: those with numbers that
 * login.defs(5) gives to such, and root. System accounts differ between releases and are no
 * business of an image's users. Immutable.
 *
 * @param accounts the accounts
 * @param groups the groups
 */
record LoginAccounts(List<PasswdFile.Account> accounts, List<PasswdFile.Group> groups) {
  private static final long MIN = 1000;
  private static final long MAX = 60000;

  LoginAccounts {
    accounts = List.copyOf(accounts);
    groups = List.copyOf(groups);
  }

  static LoginAccounts of(SystemFiles system) {
    String definitions = system.text("/etc/login.defs").orElse("");
    long minUid = setting(definitions, "UID_MIN", MIN);
    long maxUid = setting(definitions, "UID_MAX", MAX);
    long minGid = setting(definitions, "GID_MIN", MIN);
    long maxGid = setting(definitions, "GID_MAX", MAX);
    List<PasswdFile.Account> accounts =
        PasswdFile.accounts(system.text("/etc/passwd").orElse("")).stream()
            .filter(account -> account.uid() == 0 || within(account.uid(), minUid, maxUid))
            .toList();
    Set<String> names = accounts.stream().map(PasswdFile.Account::name).collect(Collectors.toSet());
    List<PasswdFile.Group> groups =
        PasswdFile.groups(system.text("/etc/group").orElse("")).stream()
            .filter(
                group ->
                    within(group.gid(), minGid, maxGid)
                        || group.members().stream().anyMatch(names::contains))
            .toList();
    return new LoginAccounts(accounts, groups);
  }

  /** Returns the same without some users and groups. */
  LoginAccounts without(Set<String> names) {
    return new LoginAccounts(
        accounts.stream().filter(account -> !names.contains(account.name())).toList(),
        groups.stream().filter(group -> !names.contains(group.name())).toList());
  }

  private static boolean within(long number, long min, long max) {
    return number >= min && number <= max;
  }

  private static long setting(String definitions, String key, long standard) {
    Matcher line = Pattern.compile("(?m)^" + key + "\\s+(\\d{1,10})\\s*$").matcher(definitions);
    return line.find() ? Long.parseLong(line.group(1)) : standard;
  }
}
