// Copyright the syschroot authors.
// SPDX-License-Identifier: Apache-2.0

package org.syschroot.personality.checks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** The files of passwd(5) and group(5). Lines that are not as they should be are left out. */
final class PasswdFile {
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
    for (String line : text.split("\n")) {
      String[] fields = line.split(":", -1);
      if (fields.length >= 7 && isName(fields[0])) {
        OptionalLong uid = number(fields[2]);
        OptionalLong gid = number(fields[3]);
        if (uid.isPresent() && gid.isPresent()) {
          accounts.add(
              new Account(
                  fields[0], uid.getAsLong(), gid.getAsLong(), fields[5], fields[6].strip()));
        }
      }
    }
    return accounts;
  }

  static List<Group> groups(String text) {
    List<Group> groups = new ArrayList<>();
    for (String line : text.split("\n")) {
      String[] fields = line.split(":", -1);
      if (fields.length >= 4 && isName(fields[0])) {
        OptionalLong gid = number(fields[2]);
        List<String> members = Arrays.asList(fields[3].strip().split(","));
        gid.ifPresent(number -> groups.add(new Group(fields[0], number, members)));
      }
    }
    return groups;
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
