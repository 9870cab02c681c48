// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.doctor.checks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.syschroot.doctor.files.BudgetSpentException;
import org.syschroot.doctor.files.TextLines;

/** The files of passwd(5) and group(5). Lines that are not as they should be are left out. */
final class PasswdFile {
  private static final int MOST_ACCOUNTS = 100_000;
  private static final int MOST_MEMBERS = 200_000;

  private PasswdFile() {}

  /** An account. Immutable. */
  record Account(String name, long uid, long gid, String home, String shell) {}

  /** A group. Immutable. */
  record Group(String name, long gid, List<String> members) {
    Group {
      members = List.copyOf(members);
    }
  }

  static List<Account> accounts(String text) {
    List<Account> accounts = new ArrayList<>();
    for (String line : new TextLines(text)) {
      String[] fields = line.split(":", 8);
      if (fields.length >= 7 && isName(fields[0])) {
        OptionalLong uid = number(fields[2]);
        OptionalLong gid = number(fields[3]);
        if (uid.isPresent() && gid.isPresent()) {
          accounts.add(
              new Account(
                  fields[0], uid.getAsLong(), gid.getAsLong(), fields[5], fields[6].strip()));
          checkLimit(accounts.size(), MOST_ACCOUNTS, "/etc/passwd has more than ", " accounts");
        }
      }
    }
    return accounts;
  }

  static List<Group> groups(String text) {
    List<Group> groups = new ArrayList<>();
    int members = 0;
    for (String line : new TextLines(text)) {
      String[] fields = line.split(":", 5);
      if (fields.length >= 4 && isName(fields[0])) {
        OptionalLong gid = number(fields[2]);
        members += 1 + (int) fields[3].chars().filter(letter -> letter == ',').count();
        checkLimit(members, MOST_MEMBERS, "/etc/group has more than ", " members of groups");
        List<String> names = Arrays.asList(fields[3].strip().split(","));
        gid.ifPresent(number -> groups.add(new Group(fields[0], number, names)));
      }
    }
    return groups;
  }

  private static void checkLimit(int count, int limit, String before, String after) {
    if (count > limit) {
      throw new BudgetSpentException(before + limit + after);
    }
  }

  /** Lines that begin with + or - include the accounts of another service (nsswitch.conf(5)). */
  private static boolean isName(String field) {
    return !field.isEmpty() && "+-#".indexOf(field.charAt(0)) < 0;
  }

  private static OptionalLong number(String field) {
    if (!field.matches("\\d{1,10}")) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(Long.parseLong(field));
  }
}
