// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.syschroot.accounts.AccountClash;
import org.syschroot.doctor.Check;
import org.syschroot.doctor.Examination;
import org.syschroot.doctor.files.SystemFiles;
import org.syschroot.doctor.finding.Finding;
import org.syschroot.image.AccountSource;
import org.syschroot.image.SharedItem;

/**
 * People's accounts and groups of the native system that the image does not have, or has with other
 * numbers. System accounts may differ.
 */
final class AccountsDiffer implements Check {
  private static final String PASSWD = "/etc/passwd";
  private static final String GROUP = "/etc/group";
  private static final int MOST_NAMED = 8;

  @Override
  public List<Finding> examine(Examination examination) {
    SystemFiles inside = examination.inside();
    if (examination.binaries().any().isEmpty() && inside.find(PASSWD).isEmpty()) {
      return List.of();
    }
    Optional<AccountSource> source = examination.image().consistency().accounts();
    if (source.equals(Optional.of(AccountSource.IMAGE))) {
      return List.of(); // on purpose
    }
    LoginAccounts host = LoginAccounts.of(examination.host());
    if (source.isPresent()) {
      host = host.without(hidden(examination));
    }
    List<Finding> findings = new ArrayList<>();
    compareAccounts(examination, host, findings);
    compareGroups(examination, host, findings);
    return findings;
  }

  /** Those who the image's own hide are told as clashes; root is the image's own. */
  private static Set<String> hidden(Examination examination) {
    Set<String> names = new HashSet<>(Set.of("root"));
    for (AccountClash clash : AccountClashes.of(examination)) {
      if (!clash.hostWins()) {
        names.add(clash.host().name());
      }
    }
    return names;
  }

  private static void compareAccounts(
      Examination examination, LoginAccounts host, List<Finding> findings) {
    SystemFiles inside = examination.inside();
    Map<String, PasswdFile.Account> byName = new HashMap<>();
    Map<Long, PasswdFile.Account> byUid = new HashMap<>();
    for (PasswdFile.Account account : PasswdFile.accounts(inside.text(PASSWD).orElse(""))) {
      byName.putIfAbsent(account.name(), account);
      byUid.putIfAbsent(account.uid(), account);
    }
    List<String> missing = new ArrayList<>();
    List<String> different = new ArrayList<>();
    for (PasswdFile.Account account : host.accounts()) {
      PasswdFile.Account there = byName.get(account.name());
      PasswdFile.Account other = byUid.get(account.uid());
      if (there == null && other == null) {
        missing.add(account.name());
      } else if (there == null) {
        different.add(
            "user ID "
                + account.uid()
                + " is "
                + account.name()
                + " on the host, "
                + Objects.requireNonNull(other).name()
                + " in the image");
      } else if (there.uid() != account.uid() || there.gid() != account.gid()) {
        different.add(
            account.name()
                + " is "
                + account.uid()
                + ":"
                + account.gid()
                + " on the host, "
                + there.uid()
                + ":"
                + there.gid()
                + " in the image");
      } else if (!there.home().equals(account.home())) {
        different.add(
            "the home of "
                + account.name()
                + " is "
                + account.home()
                + " on the host, "
                + there.home()
                + " in the image");
      }
    }
    if (!missing.isEmpty()) {
      findings.add(
          Finding.warning("account-missing")
              .effect(
                  "id and ls show numbers instead of names, ~ is not expanded, and ssh, git and"
                      + " mail fail, for "
                      + some(missing))
              .cause("they are in the host's /etc/passwd but not in the image's")
              .follow(examination.image(), SharedItem.ACCOUNTS)
              .path(inside.shown(PASSWD))
              .build());
    }
    if (!different.isEmpty()) {
      findings.add(
          Finding.warning("account-differs")
              .effect(
                  "files seem to belong to another user, or programs look for their settings in"
                      + " another directory: "
                      + some(different))
              .cause("/etc/passwd of host and image differ for these accounts")
              .follow(examination.image(), SharedItem.ACCOUNTS)
              .path(inside.shown(PASSWD))
              .build());
    }
  }

  private static void compareGroups(
      Examination examination, LoginAccounts host, List<Finding> findings) {
    SystemFiles inside = examination.inside();
    Map<String, PasswdFile.Group> byName = new HashMap<>();
    Map<Long, PasswdFile.Group> byGid = new HashMap<>();
    for (PasswdFile.Group group : PasswdFile.groups(inside.text(GROUP).orElse(""))) {
      byName.putIfAbsent(group.name(), group);
      byGid.putIfAbsent(group.gid(), group);
    }
    List<String> missing = new ArrayList<>();
    List<String> different = new ArrayList<>();
    for (PasswdFile.Group group : host.groups()) {
      PasswdFile.Group there = byName.get(group.name());
      PasswdFile.Group other = byGid.get(group.gid());
      if (there == null && other == null) {
        missing.add(group.name());
      } else if (there == null) {
        different.add(
            "group ID "
                + group.gid()
                + " is "
                + group.name()
                + " on the host, "
                + Objects.requireNonNull(other).name()
                + " in the image");
      } else if (there.gid() != group.gid()) {
        different.add(
            group.name() + " is " + group.gid() + " on the host, " + there.gid() + " in the image");
      }
    }
    if (!missing.isEmpty()) {
      findings.add(
          Finding.warning("group-missing")
              .effect(
                  "id and ls show numbers instead of names, and login shells complain \"cannot"
                      + " find name for group ID\", for "
                      + some(missing))
              .cause("they are in the host's /etc/group but not in the image's")
              .follow(examination.image(), SharedItem.ACCOUNTS)
              .path(inside.shown(GROUP))
              .build());
    }
    if (!different.isEmpty()) {
      findings.add(
          Finding.warning("group-differs")
              .effect("chgrp and newgrp use another group than on the host: " + some(different))
              .cause("/etc/group of host and image differ for these groups")
              .follow(examination.image(), SharedItem.ACCOUNTS)
              .path(inside.shown(GROUP))
              .build());
    }
  }

  private static String some(List<String> names) {
    String first = String.join(", ", names.subList(0, Math.min(MOST_NAMED, names.size())));
    return names.size() > MOST_NAMED
        ? first + " and " + (names.size() - MOST_NAMED) + " more"
        : first;
  }
}
